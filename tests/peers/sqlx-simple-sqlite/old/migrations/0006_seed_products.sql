INSERT INTO products (sku, title, price_cents) VALUES
    ('CUP-1', 'Cup; blue', 450),
    ('CUP-2', 'Cup, the potter''s -- red', 475),
    ('BOOK-1', 'The $5 cookbook', 500);
INSERT INTO customers (name, phone, email) VALUES ('Ada Lovelace', '+44 20 1', 'ada@example.com');
INSERT INTO customers (name, phone) VALUES ('Grace Hopper', NULL);
INSERT INTO orders (customer_id) VALUES (1);
INSERT INTO order_lines (order_id, product_id, quantity, price_cents) VALUES (1, 1, 2, 450), (1, 3, 1, 500);
