"""What a telephone line does to sound on its way between a person's handset and the carrier.

Pure functions on samples, the codecs that are installed, and both put together 20 ms at a time.
Knows no calls, no people and no clock.
"""
