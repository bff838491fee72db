"""Every verb of the product, one file per noun."""
