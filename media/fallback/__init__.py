"""Several engines of a kind as one: in an order, by their health, so that no turn is lost.

Knows engines by their protocols and their names in logs; nothing of calls.
"""
