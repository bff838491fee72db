"""What every part of the sandbox stands on: settings, clocks, faults, sound, the phone line.

Knows no vendor, no person and no route.
"""
