"""One phase of a call a file; each holds only what makes sense while it lasts."""
