-- Vouchers

CREATE TABLE vouchers (
    code        VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY CHECK (code = UPPER(code)),
    percent     INT NOT NULL CHECK (percent BETWEEN 1 AND 50),
    max_uses    INT NOT NULL DEFAULT 1 CHECK (max_uses > 0),
    valid_until DATE NULL,
    comment     VARCHAR(200) NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

ALTER TABLE orders
    ADD COLUMN voucher_code VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD CONSTRAINT orders_voucher_fk FOREIGN KEY (voucher_code) REFERENCES vouchers (code);

DELIMITER $$

CREATE TRIGGER orders_voucher_redeemed BEFORE UPDATE ON orders
FOR EACH ROW
redeem: BEGIN
    DECLARE v_percent, v_max_uses INT;
    DECLARE v_valid_until DATE;

    IF NEW.voucher_code IS NULL OR NEW.voucher_code <=> OLD.voucher_code THEN
        LEAVE redeem;
    END IF;

    SELECT percent, max_uses, valid_until
      INTO v_percent, v_max_uses, v_valid_until
      FROM vouchers
     WHERE code = NEW.voucher_code
       FOR UPDATE;

    IF v_percent IS NULL THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is no such voucher';
    ELSEIF OLD.status <> 'new' THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a voucher can only be redeemed while the order is new';
    ELSEIF v_valid_until < CURRENT_DATE THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the voucher has expired';
    ELSEIF v_max_uses <= (SELECT COUNT(*) FROM orders WHERE voucher_code = NEW.voucher_code) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the voucher is used up';
    END IF;

    UPDATE order_lines
       SET discount_percent = GREATEST(discount_percent, v_percent)
     WHERE order_id = NEW.id;
END redeem$$

DELIMITER ;

INSERT INTO vouchers (code, percent, max_uses, valid_until, comment) VALUES
    ('WELCOME10', 10, 10000, NULL,         'First order; one per customer'),
    ('SORRY15',   15, 1,     NULL,         'For Émile\'s dented grinder'),
    ('SUMMER24',   5, 500,   '2024-08-31', NULL);
