"""add email to customers

Revision ID: a1c0de023757
Revises: a1c0de015838
Create Date: 2024-02-02 14:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de023757'
down_revision = 'a1c0de015838'


def upgrade():
    op.add_column("customers", sa.Column("email", sa.Text()))


def downgrade():
    op.drop_column("customers", "email")
