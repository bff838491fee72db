"""Whose a live call is: what the carrier sends to any node, its sound, adoption and handover."""
