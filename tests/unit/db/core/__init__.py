"""Unit tests of what every query stands on."""
