"""Agents: who talks in calls, texts and e-mails, as operators write it."""
