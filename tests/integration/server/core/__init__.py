"""What every room stands on, against a real database."""
