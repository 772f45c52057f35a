-- The shop when we adopted dbmigrate
--
-- Money is kept in cents, points in time as UTC text (ISO 8601).

CREATE TABLE customers (
    id          INTEGER PRIMARY KEY,
    customer_no TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    contact     TEXT,                       -- a phone number or an email address
    created_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);

CREATE TABLE addresses (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    kind        TEXT NOT NULL CHECK (kind IN ('billing', 'shipping')),
    street      TEXT NOT NULL,
    zip         TEXT NOT NULL,
    city        TEXT NOT NULL,
    country     TEXT NOT NULL
);
CREATE INDEX addresses_customer ON addresses (customer_id);

CREATE TABLE categories (
    id        INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES categories (id),
    name      TEXT NOT NULL,
    UNIQUE (parent_id, name)
);

CREATE TABLE products (
    id          INTEGER PRIMARY KEY,
    sku         TEXT NOT NULL UNIQUE,
    category_id INTEGER NOT NULL REFERENCES categories (id),
    name        TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
    active      INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
);
CREATE INDEX products_category ON products (category_id);

CREATE TABLE stock (
    product_id INTEGER NOT NULL REFERENCES products (id),
    warehouse  TEXT NOT NULL,
    quantity   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (product_id, warehouse)
);

CREATE TABLE order_statuses (
    code       TEXT PRIMARY KEY,
    sort_order INTEGER NOT NULL
);

CREATE TABLE orders (
    id          INTEGER PRIMARY KEY,
    order_no    TEXT NOT NULL UNIQUE,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ship_to     INTEGER NOT NULL REFERENCES addresses (id),
    status      TEXT NOT NULL DEFAULT 'new' REFERENCES order_statuses (code),
    placed_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    note        TEXT
);

CREATE TABLE order_lines (
    id               INTEGER PRIMARY KEY,
    order_id         INTEGER NOT NULL REFERENCES orders (id),
    position         INTEGER NOT NULL,
    product_id       INTEGER NOT NULL REFERENCES products (id),
    quantity         INTEGER NOT NULL CHECK (quantity > 0),
    unit_price_cents INTEGER NOT NULL,
    UNIQUE (order_id, position)
);

CREATE TABLE payments (
    id           INTEGER PRIMARY KEY,
    order_id     INTEGER NOT NULL REFERENCES orders (id),
    method       TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    paid_at      TEXT NOT NULL,
    reference    TEXT
);
CREATE INDEX payments_order ON payments (order_id);

CREATE TABLE mail_templates (
    name    TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    body    TEXT NOT NULL
);

INSERT INTO order_statuses (code, sort_order) VALUES
    ('new', 10),
    ('paid', 20),
    ('shipped', 30),
    ('cancelled', 90);

INSERT INTO customers (id, customer_no, name, contact, created_at) VALUES
    (1, 'C-1001', 'Ada Brandt',         'ada.brandt@example.com',   '2022-03-14T09:12:00Z'),
    (2, 'C-1002', 'Bruno O''Neill',     '+353 1 555 0134',          '2022-04-02T16:40:00Z'),
    (3, 'C-1003', 'Café Zwölf GmbH',    'Einkauf@CafeZwoelf.example', '2022-09-21T07:05:00Z'),
    (4, 'C-1004', 'Dana Kowalska',      NULL,                       '2023-01-30T19:55:00Z'),
    (5, 'C-1005', 'Émile Durand',       'emile@example.net ',       '2023-06-11T11:31:00Z'),
    (6, 'C-1006', 'Frieda van der Meer', '+31 20 555 0177',         '2023-11-05T08:20:00Z');

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

INSERT INTO products (id, sku, category_id, name, description, price_cents, active) VALUES
    (1,  'COF-ETH-250', 4, 'Ethiopia Yirgacheffe 250 g', 'Floral; notes of bergamot and peach.',        1190, 1),
    (2,  'COF-ETH-1K',  4, 'Ethiopia Yirgacheffe 1 kg',  'Floral; notes of bergamot and peach.',        3990, 1),
    (3,  'COF-COL-250', 4, 'Colombia Huila 250 g',       'Caramel, red apple. The team''s favourite.',   990, 1),
    (4,  'COF-HSE-500', 5, 'House blend 500 g, ground',  'Dark chocolate and hazelnut.',                1290, 1),
    (5,  'COF-DEC-250', 5, 'Decaf 250 g, ground',        'All of the taste -- none of the caffeine.',   1090, 1),
    (6,  'TEA-SEN-100', 2, 'Sencha 100 g',               'Steamed Japanese green tea.',                  890, 1),
    (7,  'TEA-EGR-100', 2, 'Earl Grey 100 g',            'Black tea with bergamot.',                     790, 1),
    (8,  'EQP-GRD-M1',  6, 'Hand grinder M1',            'Steel burrs, colour: black.',                 8900, 1),
    (9,  'EQP-GRD-M1W', 6, 'Hand grinder M1',            'Steel burrs, colour: white.',                 8900, 1),
    (10, 'EQP-DRP-02',  7, 'Dripper size 02',            'Ceramic, colour: white.',                     2450, 1),
    (11, 'EQP-KET-OLD', 7, 'Gooseneck kettle (old)',     'Discontinued.',                               5900, 0);

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
    (1, '2023-0001', 1, 2, 'shipped',   '2023-10-02T08:15:00Z', NULL),
    (2, '2023-0002', 2, 3, 'shipped',   '2023-10-17T21:03:00Z', 'Please don''t ring; the baby sleeps.'),
    (3, '2023-0003', 3, 4, 'shipped',   '2023-11-03T06:48:00Z', NULL),
    (4, '2023-0004', 5, 6, 'cancelled', '2023-11-20T14:22:00Z', 'returned: grinder arrived with a dent'),
    (5, '2023-0005', 4, 5, 'cancelled', '2023-12-01T10:00:00Z', 'ordered twice'),
    (6, '2023-0006', 1, 2, 'shipped',   '2023-12-08T17:39:00Z', 'Gift'),
    (7, '2024-0001', 3, 4, 'paid',      '2024-01-04T07:02:00Z', NULL),
    (8, '2024-0002', 6, 7, 'new',       '2024-01-05T12:26:00Z', NULL);

INSERT INTO order_lines (id, order_id, position, product_id, quantity, unit_price_cents) VALUES
    (1,  1, 1, 1,  2, 1190),
    (2,  1, 2, 10, 1, 2450),
    (3,  2, 1, 6,  3,  890),
    (4,  3, 1, 2,  5, 3591),
    (5,  3, 2, 4, 10, 1290),
    (6,  4, 1, 8,  1, 8900),
    (7,  5, 1, 3,  1,  990),
    (8,  6, 1, 9,  1, 8900),
    (9,  6, 2, 3,  2,  990),
    (10, 7, 1, 2,  4, 3591),
    (11, 8, 1, 7,  1,  790),
    (12, 8, 2, 5,  2, 1090);

INSERT INTO payments (id, order_id, method, amount_cents, paid_at, reference) VALUES
    (1, 1, 'Visa',             4830, '2023-10-02T08:16:00Z', 'ch_7Qm1'),
    (2, 2, 'PayPal',           2670, '2023-10-17T21:04:00Z', 'PP-44120'),
    (3, 3, 'bank transfer',   30855, '2023-11-06T00:00:00Z', 'RE 2023-0003'),
    (4, 4, 'card',             8900, '2023-11-20T14:23:00Z', 'ch_8Ar9'),
    (5, 4, 'card',            -8900, '2023-11-29T09:10:00Z', 're_8Ar9'),
    (6, 6, 'Mastercard',      10880, '2023-12-08T17:40:00Z', 'ch_9Zk4'),
    (7, 7, 'Bank transfer',   10000, '2024-01-08T00:00:00Z', 'RE 2024-0001, part 1');

INSERT INTO mail_templates (name, subject, body) VALUES
    ('order_confirmed', 'Your order {order_no}',
     'Dear {name},

thank you for your order; we''ll pack it soon.

Your shop'),
    ('order_shipped', 'Order {order_no} is on its way',
     'Dear {name},

your parcel has left our warehouse -- tracking: {tracking_url}

Your shop');
