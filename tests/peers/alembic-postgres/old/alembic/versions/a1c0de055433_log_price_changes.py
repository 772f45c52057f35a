"""log price changes

Revision ID: a1c0de055433
Revises: a1c0de047514
Create Date: 2024-04-02 12:12:12

"""
from alembic import op
import sqlalchemy as sa

revision = 'a1c0de055433'
down_revision = 'a1c0de047514'


def upgrade():
    op.execute(r"""CREATE TABLE price_changes (
    product_id bigint NOT NULL REFERENCES products (id),
    old_cents bigint NOT NULL,
    new_cents bigint NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
)""")
    op.execute(r"""CREATE FUNCTION log_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO price_changes (product_id, old_cents, new_cents)
    VALUES (new.id, old.price_cents, new.price_cents);
    RETURN new; -- the row as it is
END;
$$;""")
    op.execute(r"""CREATE TRIGGER log_price BEFORE UPDATE OF price_cents ON products
FOR EACH ROW WHEN (old.price_cents <> new.price_cents) EXECUTE FUNCTION log_price()""")


def downgrade():
    op.execute(r"""DROP TRIGGER log_price ON products;
DROP FUNCTION log_price();
DROP TABLE price_changes""")
