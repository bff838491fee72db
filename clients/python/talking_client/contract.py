"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "64b203872155dab5096c599bfc3c9f99"
"""A digest of both descriptions, but their prose."""
