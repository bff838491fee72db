"""What nodes do for each other, with a real NATS server."""
