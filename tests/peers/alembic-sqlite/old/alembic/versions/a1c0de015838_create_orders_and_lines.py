"""create orders and lines

Revision ID: a1c0de015838
Revises: a1c0de007919
Create Date: 2024-01-11 08:15:02

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de015838'
down_revision = 'a1c0de007919'


def upgrade():
    op.execute(r"""CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)""")
    op.execute(r"""/* One row for each product
   in an order; the price may differ. */
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id INTEGER NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
    price_cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, product_id)
)""")


def downgrade():
    op.execute(r"""DROP TABLE order_lines""")
    op.execute(r"""DROP TABLE orders""")
