"""Invoices and payments: lines and prorations, charges, refunds, disputes and what follows.

Knows how a payment changes a subscription, but not how subscriptions are made or changed.
"""
