"""What the phone company says and hears."""
