"""How long what is kept: the periods, the nightly deletion, legal holds."""
