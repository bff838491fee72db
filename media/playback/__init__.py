"""What the caller hears: queued, sent in time, known to be heard."""
