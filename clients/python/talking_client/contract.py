"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "b275bf3998c14a21b36beb1ad475c819"
"""A digest of both descriptions, but their prose."""
