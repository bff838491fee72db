"""Pages in a real browser, where one and the means to drive it are installed."""
