"""A node while its PostgreSQL is away, frozen, killed or cut off."""
