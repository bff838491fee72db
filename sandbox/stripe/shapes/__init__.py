"""The payment service's documents, with exactly the keys Stripe's have.

Pure. Knows no rules of billing.
"""
