"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "e733e8853493460ab74c6d9d5d0ba872"
"""A digest of both descriptions, but their prose."""
