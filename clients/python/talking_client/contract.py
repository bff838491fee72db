"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "f85398b71da04268a8a179bc06478cd2"
"""A digest of both descriptions, but their prose."""
