"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "5a16f49dde8f1c8336ce77013fe0de5b"
"""A digest of both descriptions, but their prose."""
