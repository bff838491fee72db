"""The listening port, by itself: heads of requests, websockets, and the way to Hypercorn."""
