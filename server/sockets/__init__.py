"""Websockets: accept, loop, close."""
