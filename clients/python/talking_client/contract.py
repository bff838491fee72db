"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "e440fb37aaea439532f5fe0841ba77bf"
"""A digest of both descriptions, but their prose."""
