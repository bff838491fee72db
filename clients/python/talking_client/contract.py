"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "10ddbfabc027835cace31af5b5b7c192"
"""A digest of both descriptions, but their prose."""
