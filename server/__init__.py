"""The outside world and many calls: URLs, vendors, dashboards. Stands on `media` and `db`."""
