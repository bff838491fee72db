"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "f126cc1744d37447ec1a5e40ddbb0776"
"""A digest of both descriptions, but their prose."""
