"""Who did what to whom from where: acts written down as they are done, and proof that none of it
was changed."""
