-- Vouchers

CREATE TABLE vouchers (
    code        text PRIMARY KEY CHECK (code = upper(code)),
    percent     integer NOT NULL CHECK (percent BETWEEN 1 AND 50),
    max_uses    integer NOT NULL DEFAULT 1 CHECK (max_uses > 0),
    valid_until date,
    comment     text
);

ALTER TABLE orders ADD COLUMN voucher_code text REFERENCES vouchers (code);
CREATE INDEX orders_voucher ON orders (voucher_code) WHERE voucher_code IS NOT NULL;

CREATE FUNCTION redeem_voucher() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    v vouchers;
BEGIN
    SELECT * INTO v FROM vouchers WHERE code = NEW.voucher_code FOR UPDATE;

    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no voucher "%"', NEW.voucher_code;
    ELSIF OLD.status <> 'new' THEN
        RAISE EXCEPTION 'a voucher can only be redeemed while the order is new';
    ELSIF v.valid_until < current_date THEN
        RAISE EXCEPTION 'the voucher has expired';
    ELSIF v.max_uses <= (SELECT count(*) FROM orders WHERE voucher_code = v.code) THEN
        RAISE EXCEPTION 'the voucher is used up';
    END IF;

    UPDATE order_lines
       SET discount_percent = greatest(discount_percent, v.percent)
     WHERE order_id = NEW.id;

    RETURN NEW;
END;
$$;

CREATE TRIGGER orders_voucher_redeemed
    BEFORE UPDATE OF voucher_code ON orders
    FOR EACH ROW
    WHEN (NEW.voucher_code IS NOT NULL AND NEW.voucher_code IS DISTINCT FROM OLD.voucher_code)
    EXECUTE FUNCTION redeem_voucher();

INSERT INTO vouchers (code, percent, max_uses, valid_until, comment) VALUES
    ('WELCOME10', 10, 10000, NULL,         'First order; one per customer'),
    ('SORRY15',   15, 1,     NULL,         'For Émile''s dented grinder'),
    ('SUMMER24',   5, 500,   '2024-08-31', NULL);
