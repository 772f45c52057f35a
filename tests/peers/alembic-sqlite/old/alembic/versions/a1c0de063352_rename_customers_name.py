"""rename customers name

Revision ID: a1c0de063352
Revises: a1c0de055433
Create Date: 2024-05-20 16:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de063352'
down_revision = 'a1c0de055433'


def upgrade():
    op.execute(r"""ALTER TABLE customers RENAME COLUMN name TO full_name""")


def downgrade():
    op.execute(r"""ALTER TABLE customers RENAME COLUMN full_name TO name""")
