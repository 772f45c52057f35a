-- The shop when we adopted dbmigrate
--
-- Points in time are UTC. Everything is InnoDB and utf8mb4, and says so: the
-- defaults of servers and databases differ. The rights on the database are
-- enough; with binary logging, the server wants SUPER for triggers and functions.
-- Tried with MariaDB 10.11 and 11.8, MySQL 8.0, 8.4 and 9.7.

CREATE TABLE customers (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_no VARCHAR(20) NOT NULL UNIQUE,
    name        VARCHAR(200) NOT NULL,
    contact     VARCHAR(200) NULL COMMENT 'a phone number or an email address',
    created_at  DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP())
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE addresses (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    kind        ENUM('billing', 'shipping') NOT NULL,
    street      VARCHAR(200) NOT NULL,
    zip         VARCHAR(20) NOT NULL,
    city        VARCHAR(100) NOT NULL,
    country     VARCHAR(100) NOT NULL,
    KEY addresses_customer (customer_id),
    CONSTRAINT addresses_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE categories (
    id        INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    parent_id INT NULL,
    name      VARCHAR(100) NOT NULL,
    UNIQUE KEY categories_name (parent_id, name),
    CONSTRAINT categories_parent_fk FOREIGN KEY (parent_id) REFERENCES categories (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE products (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    sku         VARCHAR(40) NOT NULL UNIQUE,
    category_id INT NOT NULL,
    name        VARCHAR(200) NOT NULL,
    description VARCHAR(2000) NOT NULL DEFAULT '',
    price       DECIMAL(10, 2) NOT NULL CHECK (price >= 0),
    active      BOOLEAN NOT NULL DEFAULT TRUE,
    attributes  JSON NOT NULL DEFAULT ('{}'),  -- nothing fills it yet
    colour      VARCHAR(40) GENERATED ALWAYS AS (JSON_UNQUOTE(JSON_EXTRACT(attributes, '$.colour'))) STORED,
    KEY products_category (category_id),
    KEY products_colour (colour),
    CONSTRAINT products_category_fk FOREIGN KEY (category_id) REFERENCES categories (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE stock (
    product_id BIGINT NOT NULL,
    warehouse  VARCHAR(100) NOT NULL,
    quantity   INT NOT NULL DEFAULT 0,
    PRIMARY KEY (product_id, warehouse),
    CONSTRAINT stock_product_fk FOREIGN KEY (product_id) REFERENCES products (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE order_statuses (
    code       VARCHAR(20) NOT NULL PRIMARY KEY,
    sort_order INT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE orders (
    id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_no    VARCHAR(20) NOT NULL UNIQUE,
    customer_id BIGINT NOT NULL,
    ship_to     BIGINT NOT NULL,
    status      VARCHAR(20) NOT NULL DEFAULT 'new',
    placed_at   DATETIME NOT NULL DEFAULT (UTC_TIMESTAMP()),
    note        VARCHAR(1000) NULL,
    CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id),
    CONSTRAINT orders_ship_to_fk FOREIGN KEY (ship_to) REFERENCES addresses (id),
    CONSTRAINT orders_status_fk FOREIGN KEY (status) REFERENCES order_statuses (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE order_lines (
    id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id   BIGINT NOT NULL,
    position   INT NOT NULL,
    product_id BIGINT NOT NULL,
    quantity   INT NOT NULL CHECK (quantity > 0),
    unit_price DECIMAL(10, 2) NOT NULL,
    UNIQUE KEY order_lines_position (order_id, position),
    CONSTRAINT order_lines_order_fk FOREIGN KEY (order_id) REFERENCES orders (id),
    CONSTRAINT order_lines_product_fk FOREIGN KEY (product_id) REFERENCES products (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE payments (
    id        BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id  BIGINT NOT NULL,
    method    VARCHAR(40) NOT NULL,
    amount    DECIMAL(10, 2) NOT NULL,
    paid_at   DATETIME NOT NULL,
    reference VARCHAR(100) NULL,
    KEY payments_order (order_id),
    CONSTRAINT payments_order_fk FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE mail_templates (
    name    VARCHAR(100) NOT NULL PRIMARY KEY,
    subject VARCHAR(200) NOT NULL,
    body    TEXT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

# What was in the shop on that day.

INSERT INTO order_statuses (code, sort_order) VALUES
    ('new', 10),
    ('paid', 20),
    ('shipped', 30),
    ('cancelled', 90);

INSERT INTO customers (id, customer_no, name, contact, created_at) VALUES
    (1, 'C-1001', 'Ada Brandt',         'ada.brandt@example.com',   '2022-03-14 09:12:00'),
    (2, 'C-1002', 'Bruno O''Neill',     '+353 1 555 0134',          '2022-04-02 16:40:00'),
    (3, 'C-1003', 'Café Zwölf GmbH',    'Einkauf@CafeZwoelf.example', '2022-09-21 07:05:00'),
    (4, 'C-1004', 'Dana Kowalska',      NULL,                       '2023-01-30 19:55:00'),
    (5, 'C-1005', 'Émile Durand',       'emile@example.net ',       '2023-06-11 11:31:00'),
    (6, 'C-1006', 'Frieda van der Meer', '+31 20 555 0177',         '2023-11-05 08:20:00');

INSERT INTO addresses (id, customer_id, kind, street, zip, city, country) VALUES
    (1, 1, 'billing',  'Lindenweg 4',          '50667',   'Köln',      'Germany'),
    (2, 1, 'shipping', 'Am Alten Markt 12',    '50667',   'Köln',      'Deutschland'),
    (3, 2, 'shipping', '7 St. Stephen''s Green', 'D02 X285', 'Dublin', 'Ireland'),
    (4, 3, 'billing',  'Zwölfergasse 12; Hof', '1060',    'Wien',      'Austria'),
    (5, 4, 'shipping', 'ul. Długa 31/5',       '31-147',  'Kraków',    'Poland'),
    (6, 5, 'shipping', '18 rue de l''Église',  '67000',   'Strasbourg', 'France'),
    (7, 6, 'shipping', 'Prinsengracht 263',    '1016 GV', 'Amsterdam', 'The Netherlands');

INSERT INTO categories (id, parent_id, name) VALUES
    (1, NULL, 'Coffee'),
    (2, NULL, 'Tea'),
    (3, NULL, 'Equipment'),
    (4, 1,    'Whole bean'),
    (5, 1,    'Ground'),
    (6, 3,    'Grinders'),
    (7, 3,    'Brewing');

INSERT INTO products (id, sku, category_id, name, description, price, active) VALUES
    (1,  'COF-ETH-250', 4, 'Ethiopia Yirgacheffe 250 g', 'Floral; notes of bergamot and peach.',      11.90, true),
    (2,  'COF-ETH-1K',  4, 'Ethiopia Yirgacheffe 1 kg',  'Floral; notes of bergamot and peach.',      39.90, true),
    (3,  'COF-COL-250', 4, 'Colombia Huila 250 g',       'Caramel, red apple. The team''s favourite.', 9.90, true),
    (4,  'COF-HSE-500', 5, 'House blend 500 g, ground',  'Dark chocolate and hazelnut.',              12.90, true),
    (5,  'COF-DEC-250', 5, 'Decaf 250 g, ground',        'All of the taste -- none of the caffeine.', 10.90, true),
    (6,  'TEA-SEN-100', 2, 'Sencha 100 g',               'Steamed Japanese green tea.',                8.90, true),
    (7,  'TEA-EGR-100', 2, 'Earl Grey 100 g',            'Black tea with bergamot.',                   7.90, true),
    (8,  'EQP-GRD-M1',  6, 'Hand grinder M1',            'Steel burrs, colour: black.',               89.00, true),
    (9,  'EQP-GRD-M1W', 6, 'Hand grinder M1',            'Steel burrs, colour: white.',               89.00, true),
    (10, 'EQP-DRP-02',  7, 'Dripper size 02',            'Ceramic, colour: white.',                   24.50, true),
    (11, 'EQP-KET-OLD', 7, 'Gooseneck kettle (old)',     'Discontinued.',                             59.00, false);

INSERT INTO stock (product_id, warehouse, quantity) VALUES
    (1, 'Cologne', 140), (1, 'Rotterdam', 60),
    (2, 'Cologne',  35),
    (3, 'Cologne',  88), (3, 'Rotterdam', 12),
    (4, 'Cologne',  54),
    (5, 'Cologne',  20),
    (6, 'Rotterdam', 75),
    (7, 'Rotterdam', 66),
    (8, 'Cologne',   9),
    (9, 'Cologne',   4),
    (10, 'Cologne', 31), (10, 'Rotterdam', 8),
    (11, 'Rotterdam', 1);

INSERT INTO orders (id, order_no, customer_id, ship_to, status, placed_at, note) VALUES
    (1, '2023-0001', 1, 2, 'shipped',   '2023-10-02 08:15:00', NULL),
    (2, '2023-0002', 2, 3, 'shipped',   '2023-10-17 21:03:00', 'Please don''t ring; the baby sleeps.'),
    (3, '2023-0003', 3, 4, 'shipped',   '2023-11-03 06:48:00', NULL),
    (4, '2023-0004', 5, 6, 'cancelled', '2023-11-20 14:22:00', 'returned: grinder arrived with a dent'),
    (5, '2023-0005', 4, 5, 'cancelled', '2023-12-01 10:00:00', 'ordered twice'),
    (6, '2023-0006', 1, 2, 'shipped',   '2023-12-08 17:39:00', 'Gift'),
    (7, '2024-0001', 3, 4, 'paid',      '2024-01-04 07:02:00', NULL),
    (8, '2024-0002', 6, 7, 'new',       '2024-01-05 12:26:00', NULL);

INSERT INTO order_lines (id, order_id, position, product_id, quantity, unit_price) VALUES
    (1,  1, 1, 1,  2, 11.90),
    (2,  1, 2, 10, 1, 24.50),
    (3,  2, 1, 6,  3,  8.90),
    (4,  3, 1, 2,  5, 35.91),
    (5,  3, 2, 4, 10, 12.90),
    (6,  4, 1, 8,  1, 89.00),
    (7,  5, 1, 3,  1,  9.90),
    (8,  6, 1, 9,  1, 89.00),
    (9,  6, 2, 3,  2,  9.90),
    (10, 7, 1, 2,  4, 35.91),
    (11, 8, 1, 7,  1,  7.90),
    (12, 8, 2, 5,  2, 10.90);

INSERT INTO payments (id, order_id, method, amount, paid_at, reference) VALUES
    (1, 1, 'Visa',            48.30, '2023-10-02 08:16:00', 'ch_7Qm1'),
    (2, 2, 'PayPal',          26.70, '2023-10-17 21:04:00', 'PP-44120'),
    (3, 3, 'bank transfer',  308.55, '2023-11-06 00:00:00', 'RE 2023-0003'),
    (4, 4, 'card',            89.00, '2023-11-20 14:23:00', 'ch_8Ar9'),
    (5, 4, 'card',           -89.00, '2023-11-29 09:10:00', 're_8Ar9'),
    (6, 6, 'Mastercard',     108.80, '2023-12-08 17:40:00', 'ch_9Zk4'),
    (7, 7, 'Bank transfer',  100.00, '2024-01-08 00:00:00', 'RE 2024-0001, part 1');

INSERT INTO mail_templates (name, subject, body) VALUES
    ('order_confirmed', 'Your order {order_no}',
     'Dear {name},

thank you for your order; we''ll pack it soon.

Your shop'),
    ('order_shipped', 'Order {order_no} is on its way',
     'Dear {name},

your parcel has left our warehouse -- tracking: {tracking_url}

Your shop');
