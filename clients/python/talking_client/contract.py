"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "3bbde3fd12536e254945f4aae3ed223f"
"""A digest of both descriptions, but their prose."""
