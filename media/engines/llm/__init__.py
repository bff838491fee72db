"""Language models: one that needs no account, and any that speaks OpenAI's protocol."""
