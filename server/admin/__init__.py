"""What administrators read: plans, calls, conversations, nodes, and who looked at what."""
