"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "0d595ffc5d23d540ae340c8c2d4c7383"
"""A digest of both descriptions, but their prose."""
