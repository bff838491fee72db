"""French: what is said in it, and how it is heard."""
