"""index orders by customer

Revision ID: a1c0de031676
Revises: a1c0de023757
Create Date: 2024-02-02 14:00:01

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de031676'
down_revision = 'a1c0de023757'


def upgrade():
    op.create_index("ix_orders_customer", "orders", ["customer_id"])


def downgrade():
    op.drop_index("ix_orders_customer")
