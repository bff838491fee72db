"""Who may interrupt: what of the sound that comes in is the caller, while the agent is audible."""
