"""What providers tell us: verify, record, answer 2xx."""
