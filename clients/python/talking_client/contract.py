"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "4dd62d626c9dbd111d4a47bdeb5242d3"
"""A digest of both descriptions, but their prose."""
