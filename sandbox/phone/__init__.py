"""Telephones in the browser: a page that can be called like any person behind the carrier.

The page at `/phone` speaks the protocol in `messages` over one websocket. Telephones know the
carrier by `twilio.phone` alone, and a product sees an ordinary call.
"""
