"""What is sold, who buys it, and the sessions in which they do: Checkout and the portal.

Knows no HTML.
"""
