"""What people say of themselves, the copy of their data they are given, and their forgetting."""
