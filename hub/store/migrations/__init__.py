"""Alembic migrations, run through `Store.migrate`."""
