"""A call as a trace: what happened to it, on one time line, for tools that show such."""
