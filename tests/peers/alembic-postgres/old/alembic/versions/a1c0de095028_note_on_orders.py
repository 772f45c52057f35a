"""note on orders

Revision ID: a1c0de095028
Revises: a1c0de087109
Create Date: 2024-08-15 17:45:00

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de095028'
down_revision = 'a1c0de087109'


def upgrade():
    op.execute(r"""ALTER TABLE orders ADD COLUMN note TEXT""")
    op.execute(r"""CREATE UNIQUE INDEX ux_customers_email ON customers (email) WHERE email IS NOT NULL""")


def downgrade():
    op.execute(r"""DROP INDEX ux_customers_email""")
    op.execute(r"""ALTER TABLE orders DROP COLUMN note""")
