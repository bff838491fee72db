"""Which interface this client was made for. Written from the API's description; never edited."""

API_VERSION = "1"
LIVE_PROTOCOL = "dash.v1"
CONTRACT = "61b78cee42e10099adb05fe5f00b638b"
"""A digest of both descriptions, but their prose."""
