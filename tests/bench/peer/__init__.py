"""Other frameworks under the same phones, each in a virtual environment of its own."""
