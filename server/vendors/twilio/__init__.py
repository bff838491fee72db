"""Twilio's API, forms and error codes."""
