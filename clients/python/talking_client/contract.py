"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "b7ee08cf018769bdc0471ed53f49e74e"
"""A digest of both descriptions, but their prose."""
