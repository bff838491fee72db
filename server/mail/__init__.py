"""E-mails as text: templates, answers, events. Pure but for templates, which are files here."""
