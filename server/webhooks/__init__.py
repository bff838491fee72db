"""Webhooks of people's own: their events sent on to programs of theirs, by Standard Webhooks."""
