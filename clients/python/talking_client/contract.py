"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "44005538b9c59c3b940bb6a951d39171"
"""A digest of both descriptions, but their prose."""
