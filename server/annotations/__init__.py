"""What people write on calls for themselves: tags, by which lists are filtered, and notes."""
