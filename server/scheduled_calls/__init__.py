"""Calls asked for now and placed later, one or many: kept, placed at their time, tried again."""
