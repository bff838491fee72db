"""AssemblyAI: ears (Universal Streaming)."""
