"""Events: their endpoints and their delivery to webhooks.

Knows neither invoices nor subscriptions.
"""
