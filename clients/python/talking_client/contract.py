"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "c07140bcebd1ef76e9f8df0ce9a9c7ff"
"""A digest of both descriptions, but their prose."""
