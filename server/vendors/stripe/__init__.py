"""Stripe's API and shapes."""
