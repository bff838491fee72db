"""What the product says by itself, and how it hears: a folder a language."""
