"""seed products

Revision ID: a1c0de039595
Revises: a1c0de031676
Create Date: 2024-02-19 11:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de039595'
down_revision = 'a1c0de031676'


def upgrade():
    op.execute(r"""INSERT INTO products (sku, title, price_cents) VALUES
    ('CUP-1', 'Cup; blue', 450),
    ('CUP-2', 'Cup, the potter''s -- red', 475),
    ('BOOK-1', 'The $5 cookbook', 500)""")
    op.execute(r"""INSERT INTO customers (name, phone, email) VALUES ('Ada Lovelace', '+44 20 1', 'ada@example.com')""")
    op.execute(r"""INSERT INTO customers (name, phone) VALUES ('Grace Hopper', NULL)""")
    op.execute(r"""INSERT INTO orders (customer_id) VALUES (1)""")
    op.execute(r"""INSERT INTO order_lines (order_id, product_id, quantity, price_cents) VALUES (1, 1, 2, 450), (1, 3, 1, 500)""")


def downgrade():
    op.execute(r"""DELETE FROM order_lines""")
    op.execute(r"""DELETE FROM orders""")
    op.execute(r"""DELETE FROM customers""")
    op.execute(r"""DELETE FROM products""")
