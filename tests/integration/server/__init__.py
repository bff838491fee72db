"""The node's edges: REST, webhooks and sockets of a real process, with quick scripted engines."""
