"""The console in a real browser, against real processes; skipped where there is no browser."""
