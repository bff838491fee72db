"""Events on their way to clients: messages, queues, the hub. Knows no rows and no rights."""
