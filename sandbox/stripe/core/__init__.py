"""What all of the payment service stands on: one account's documents, parameters, errors, cards.

Knows no endpoints and no rules of billing.
"""
