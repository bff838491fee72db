"""ElevenLabs: a voice."""
