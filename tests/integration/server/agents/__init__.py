"""Agents with tools, at a node whose language model calls them."""
