"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "62b1a99cc907f4576786925850768f9e"
"""A digest of both descriptions, but their prose."""
