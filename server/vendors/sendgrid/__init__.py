"""SendGrid's API and events."""
