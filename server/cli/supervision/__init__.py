"""Several nodes of one machine, and the bus between them."""
