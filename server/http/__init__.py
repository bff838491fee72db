"""What everything that speaks HTTP or websocket shares. Knows no nouns."""
