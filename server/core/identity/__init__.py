"""Whose request it is: tokens, the sessions behind them, tokens that we sign ourselves."""
