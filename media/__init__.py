"""One call: sound in, decisions, sound out. Knows neither the server nor the database."""
