"""The payment service: products, customers, subscriptions, invoices, Checkout and a portal.

Speaks the HTTP API of Stripe at one version, keeps state, charges test cards and sends
signed events. Nothing here knows the product or its own library.
"""
