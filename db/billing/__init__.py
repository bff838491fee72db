"""What is paid for, and how much of it is used."""
