"""links by SMS that share a phone's place"""

import sqlalchemy as sa
from alembic import op

import dashboards.models

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('location_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('incident_id', sa.String(), nullable=False),
    sa.Column('call_id', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('sent_by', sa.String(), nullable=False),
    sa.Column('sent_at', dashboards.models.Utc(), nullable=False),
    sa.Column('expires_at', dashboards.models.Utc(), nullable=False),
    sa.Column('opened_at', dashboards.models.Utc(), nullable=True),
    sa.Column('browser_hash', sa.String(), nullable=True),
    sa.Column('told', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('last_at', dashboards.models.Utc(), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('location_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_location_link_incident_id'), ['incident_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_location_link_token_hash'), ['token_hash'], unique=True)


def downgrade() -> None:
    with op.batch_alter_table('location_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_location_link_token_hash'))
        batch_op.drop_index(batch_op.f('ix_location_link_incident_id'))

    op.drop_table('location_link')
