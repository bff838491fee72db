"""What a customer's subscriptions mean. Pure: no rows, no Stripe, no clock."""
