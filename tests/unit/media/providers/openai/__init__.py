"""The same rooms as in media."""
