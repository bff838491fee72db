"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "eb73be04e407491dcdf3a59db10de384"
"""A digest of both descriptions, but their prose."""
