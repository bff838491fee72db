"""Calls: placed over REST, answered by people, run by TwiML and connected to media streams.

Knows nothing of messages.
"""
