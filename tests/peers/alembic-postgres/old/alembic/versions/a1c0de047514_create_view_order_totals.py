"""create view order totals

Revision ID: a1c0de047514
Revises: a1c0de039595
Create Date: 2024-03-11 07:07:07

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de047514'
down_revision = 'a1c0de039595'


def upgrade():
    op.execute(r"""CREATE VIEW order_totals AS
SELECT o.id AS order_id, o.customer_id, SUM(l.quantity * l.price_cents) AS total_cents
FROM orders o JOIN order_lines l ON l.order_id = o.id
GROUP BY o.id, o.customer_id""")


def downgrade():
    op.execute(r"""DROP VIEW order_totals""")
