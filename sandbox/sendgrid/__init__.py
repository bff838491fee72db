"""SendGrid: mail by its v3 API, a mailbox to look into, events and inbound mail to the product.

Shapes follow SendGrid's "Mail Send", "Event Webhook" and "Inbound Parse" references. Knows nothing
of whoever sends mail by it.
"""
