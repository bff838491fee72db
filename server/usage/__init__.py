"""What a plan allows and how much of it is used."""
