"""Messages at the carrier: SMS and MMS, and people who text."""
