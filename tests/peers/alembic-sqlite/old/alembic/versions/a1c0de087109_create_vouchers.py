"""create vouchers

Revision ID: a1c0de087109
Revises: a1c0de079190
Create Date: 2024-07-01 00:00:00

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de087109'
down_revision = 'a1c0de079190'


def upgrade():
    op.execute(r"""CREATE TABLE vouchers (
    code TEXT PRIMARY KEY,
    percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
    terms TEXT NOT NULL DEFAULT '{"once": true}'
)""")
    op.execute(r"""INSERT INTO vouchers (code, percent) VALUES ('WELCOME', 10)""")


def downgrade():
    op.execute(r"""DROP TABLE vouchers""")
