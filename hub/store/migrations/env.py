"""Runs the migrations on the connection that `hub.store.schema.upgrade` hands in."""

from alembic import context

from hub.store.models import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
