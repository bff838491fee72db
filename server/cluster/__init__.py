"""What nodes do for each other: heartbeats, the relay of events, durable jobs."""
