"""What calls, texts and e-mails cost us, and what of it a call may."""
