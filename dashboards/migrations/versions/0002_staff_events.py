"""what the staff did"""

import sqlalchemy as sa
from alembic import op

import dashboards.models

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('staff_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', dashboards.models.Utc(), nullable=False),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('staff_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_event_what'), ['what'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('staff_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_event_what'))

    op.drop_table('staff_event')
