"""What somebody wants of us when they say that it should stop: pure, for calls, texts and mails."""
