"""create customers

Revision ID: a1c0de000000
Revises: 
Create Date: 2024-01-05 09:30:00

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de000000'
down_revision = None


def upgrade():
    op.execute(r"""-- create customers
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    phone TEXT
)""")


def downgrade():
    op.execute(r"""DROP TABLE customers""")
