"""Plans bought, changed and ended: rows follow Stripe."""
