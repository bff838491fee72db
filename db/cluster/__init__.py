"""Rows that nodes share: who lives, who holds what, work to do, facts that came, events told."""
