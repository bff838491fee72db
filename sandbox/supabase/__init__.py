"""Supabase Auth: users, sessions and tokens, as Supabase's own clients expect them.

Knows no other vendor and nothing of the product.
"""
