"""raise prices

Revision ID: a1c0de079190
Revises: a1c0de071271
Create Date: 2024-06-03 10:10:10

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de079190'
down_revision = 'a1c0de071271'


def upgrade():
    op.execute(r"""UPDATE products SET price_cents = price_cents + 25 WHERE sku LIKE 'CUP-%'""")


def downgrade():
    op.execute(r"""UPDATE products SET price_cents = price_cents - 25 WHERE sku LIKE 'CUP-%'""")
