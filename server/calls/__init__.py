"""Phone calls: placed, run, written down, and what the carrier reports of them."""
