"""Runs migrations on the connection the application hands over."""

from alembic import context

from retrieval.index.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
