"""The outside world in a box: carrier, sign-in and people. Shares no code with the product."""
