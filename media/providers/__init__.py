"""Engines that are somebody's service: a folder a vendor, a line each in `registry.py`.

A vendor's folder holds how that vendor talks, and knows neither calls nor any other vendor.
"""
