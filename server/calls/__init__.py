"""Phone calls: placed, run, written down, and what the carrier tells of them."""
