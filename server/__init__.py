"""The outside world and many calls: URLs, vendors, dashboards. Stands on `media` and `db`."""

VERSION = "0.2.0"
