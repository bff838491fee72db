"""Billing against the sandbox's Stripe and a real PostgreSQL."""
