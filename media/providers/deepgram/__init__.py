"""Deepgram: ears (Nova and Flux) and a voice (Aura)."""
