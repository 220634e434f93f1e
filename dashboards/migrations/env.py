"""Alembic's entry point: the connection comes from `dashboards.db`."""

from alembic import context
from sqlmodel import SQLModel

from dashboards import models  # noqa: F401 - fills the metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
