"""E-mails: written, sent, answered, and what becomes of them."""
