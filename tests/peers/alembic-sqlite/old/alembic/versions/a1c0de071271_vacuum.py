"""vacuum

Revision ID: a1c0de071271
Revises: a1c0de063352
Create Date: 2024-05-21 09:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de071271'
down_revision = 'a1c0de063352'


def upgrade():
    with op.get_context().autocommit_block():
        op.execute(r"""VACUUM""")


def downgrade():
    with op.get_context().autocommit_block():
        op.execute(r"""SELECT 1""")
