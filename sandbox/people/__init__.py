"""The people who can be called and texted: their files, scripts, voices and texts.

Each TOML file in this folder is one person. Knows no vendor and no route.
"""
