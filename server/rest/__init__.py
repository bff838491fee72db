"""REST: one file per noun; parse, act, reply."""
