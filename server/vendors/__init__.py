"""Other companies' words: nothing outside knows how they say it."""
