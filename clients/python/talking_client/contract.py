"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "8e96f570ecc8b3e059107a3e0c0ca71d"
"""A digest of both descriptions, but their prose."""
