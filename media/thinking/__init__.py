"""How a call asks its language model: in its turn, and ahead of it."""
