"""OpenAI and whatever speaks its protocol: ears and a voice over HTTP, and a language model."""
