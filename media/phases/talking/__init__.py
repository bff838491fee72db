"""The phase in which a person and the agent hold a conversation, a file for each part of it."""
