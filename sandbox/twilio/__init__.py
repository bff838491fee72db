"""Twilio: one account with calls, messages and the webhooks it sends.

Shapes and rules follow Twilio's documents. Knows no other vendor and nothing of the product.
"""
