--liquibase formatted sql

--changeset ada:8-log-price-changes
CREATE TABLE price_changes (
    product_id bigint NOT NULL REFERENCES products (id),
    old_cents bigint NOT NULL,
    new_cents bigint NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
--rollback DROP TABLE price_changes;

--changeset ada:8-trigger splitStatements:false stripComments:false
CREATE FUNCTION log_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO price_changes (product_id, old_cents, new_cents)
    VALUES (new.id, old.price_cents, new.price_cents);
    RETURN new; -- the row as it is
END;
$$;
CREATE TRIGGER log_price BEFORE UPDATE OF price_cents ON products
FOR EACH ROW WHEN (old.price_cents <> new.price_cents) EXECUTE FUNCTION log_price();
--rollback DROP TRIGGER log_price ON products;
