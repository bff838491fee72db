"""Thin clients of outside services; base URLs and timeouts come from config."""
