"""Subscriptions: made, changed, renewed, paused, scheduled and previewed.

Knows no pages and no sessions.
"""
