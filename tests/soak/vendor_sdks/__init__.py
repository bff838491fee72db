"""The vendors' own clients against the sandbox's stand-ins, each in a virtual environment."""
