"""The sandbox's own interface: what happened everywhere, and what a test may make happen.

Imitates nobody. Reads every vendor's state; no vendor knows it.
"""
