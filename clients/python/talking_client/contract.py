"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "b7dc387fd4e2d54ddb7f7b7a554aac33"
"""A digest of both descriptions, but their prose."""
