"""Topics, cuts, the fallback and the relay, in one world that calls nobody too fast."""
