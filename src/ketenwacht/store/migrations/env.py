"""Run by Alembic for each migration; the connection and its transaction are ours (`store/migrate.py`)."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
