"""what is asked for at every call is found as fast after years of them"""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_incident_operator'))
        batch_op.create_index('ix_incident_operator_created_at', ['operator', 'created_at'], unique=False)

    with op.batch_alter_table('incidentevent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_incidentevent_incident_id'))
        batch_op.create_index('ix_incidentevent_incident_id_what', ['incident_id', 'what'], unique=False)
        batch_op.create_index('ix_incidentevent_what_at', ['what', 'at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('incidentevent', schema=None) as batch_op:
        batch_op.drop_index('ix_incidentevent_what_at')
        batch_op.drop_index('ix_incidentevent_incident_id_what')
        batch_op.create_index(batch_op.f('ix_incidentevent_incident_id'), ['incident_id'], unique=False)

    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.drop_index('ix_incident_operator_created_at')
        batch_op.create_index(batch_op.f('ix_incident_operator'), ['operator'], unique=False)
