"""what a change of place was, and what documents say of the caller"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.add_column(sa.Column('location_change', sa.JSON(), nullable=True))
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.add_column(sa.Column('caller_data', sa.JSON(), nullable=False, server_default='[]'))
    _rename('incident', 'location', 'radius_m', 'uncertainty_m')
    _rename('claim', 'data', 'radius_m', 'uncertainty_m')


def _rename(table: str, column: str, old: str, new: str) -> None:
    """Rename a key of a table's JSON: claims are told in the words of `suar.location` from now on."""
    rows = sa.table(table, sa.column('id'), sa.column(column, sa.JSON()))
    connection = op.get_bind()
    for row_id, data in connection.execute(sa.select(rows.c.id, rows.c[column])).all():
        if old in data:
            renamed: dict[str, Any] = {new if key == old else key: value for key, value in data.items()}
            connection.execute(sa.update(rows).where(rows.c.id == row_id).values({column: renamed}))


def downgrade() -> None:
    _rename('claim', 'data', 'uncertainty_m', 'radius_m')
    _rename('incident', 'location', 'uncertainty_m', 'radius_m')
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_column('caller_data')
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.drop_column('location_change')
