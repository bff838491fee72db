"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "72219d78378eb20ca83cd1a95027bda1"
"""A digest of both descriptions, but their prose."""
