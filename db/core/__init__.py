"""What every query stands on: the pool, outages, rows, migrations, a PostgreSQL of our own."""
