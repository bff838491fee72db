"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "0a733e00fcf7bf7efab5a54d091441a2"
"""A digest of both descriptions, but their prose."""
