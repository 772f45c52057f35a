"""create products

Revision ID: a1c0de007919
Revises: a1c0de000000
Create Date: 2024-01-05 09:35:00

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de007919'
down_revision = 'a1c0de000000'


def upgrade():
    op.execute(r"""-- What the shop sells; prices are in cents.
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, -- as printed on the label; "Größe" included
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0)
)""")


def downgrade():
    op.execute(r"""DROP TABLE products""")
