"""What administrators read: plans, calls, conversations, nodes, costs, and who looked at what."""
