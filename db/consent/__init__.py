"""Who may be contacted, and how often."""
