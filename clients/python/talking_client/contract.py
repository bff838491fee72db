"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "6454fbbb869060fa3d462a217ac1d83b"
"""A digest of both descriptions, but their prose."""
