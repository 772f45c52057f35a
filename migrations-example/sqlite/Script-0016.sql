-- Vouchers

CREATE TABLE vouchers (
    code        TEXT PRIMARY KEY CHECK (code = upper(code)),
    percent     INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 50),
    max_uses    INTEGER NOT NULL DEFAULT 1 CHECK (max_uses > 0),
    valid_until TEXT,
    comment     TEXT
);

ALTER TABLE orders ADD COLUMN voucher_code TEXT REFERENCES vouchers (code);
CREATE INDEX orders_voucher ON orders (voucher_code) WHERE voucher_code IS NOT NULL;

CREATE TRIGGER orders_voucher_redeemed BEFORE UPDATE OF voucher_code ON orders
WHEN NEW.voucher_code IS NOT NULL AND NEW.voucher_code IS NOT OLD.voucher_code
BEGIN
    SELECT CASE
               WHEN OLD.status <> 'new'
                   THEN RAISE(ABORT, 'a voucher can only be redeemed while the order is new')
               WHEN v.valid_until < date('now')
                   THEN RAISE(ABORT, 'the voucher has expired')
               WHEN v.max_uses <= (SELECT count(*) FROM orders WHERE voucher_code = v.code)
                   THEN RAISE(ABORT, 'the voucher is used up')
           END
      FROM vouchers AS v
     WHERE v.code = NEW.voucher_code;
END;

CREATE TRIGGER orders_voucher_discount AFTER UPDATE OF voucher_code ON orders
WHEN NEW.voucher_code IS NOT NULL AND NEW.voucher_code IS NOT OLD.voucher_code
BEGIN
    UPDATE order_lines
       SET discount_percent = max(discount_percent,
                                  (SELECT percent FROM vouchers WHERE code = NEW.voucher_code))
     WHERE order_id = NEW.id;
END;

INSERT INTO vouchers (code, percent, max_uses, valid_until, comment) VALUES
    ('WELCOME10', 10, 10000, NULL,         'First order; one per customer'),
    ('SORRY15',   15, 1,     NULL,         'For Émile''s dented grinder'),
    ('SUMMER24',   5, 500,   '2024-08-31', NULL);
