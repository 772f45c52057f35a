-- The shop when we adopted dbmigrate
--
-- Points in time are UTC. Everything is in the schema dbo, and the role db_owner
-- is enough. SQL Server 2016 or newer, and Azure SQL.

SET ANSI_NULLS ON
GO
SET QUOTED_IDENTIFIER ON
GO

CREATE TABLE [dbo].[customers] (
    [id]          bigint IDENTITY(1, 1) NOT NULL,
    [customer_no] nvarchar(20) NOT NULL,
    [name]        nvarchar(200) NOT NULL,
    [contact]     nvarchar(200) NULL,
    [created_at]  datetime2(0) NOT NULL CONSTRAINT [DF_customers_created_at] DEFAULT (SYSUTCDATETIME()),
    CONSTRAINT [PK_customers] PRIMARY KEY CLUSTERED ([id]),
    CONSTRAINT [UQ_customers_customer_no] UNIQUE ([customer_no])
);
GO

EXEC sys.sp_addextendedproperty
    @name = N'MS_Description', @value = N'a phone number or an email address',
    @level0type = N'SCHEMA', @level0name = N'dbo',
    @level1type = N'TABLE',  @level1name = N'customers',
    @level2type = N'COLUMN', @level2name = N'contact';
GO

CREATE TABLE dbo.addresses (
    id          bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_addresses PRIMARY KEY,
    customer_id bigint NOT NULL CONSTRAINT FK_addresses_customer REFERENCES dbo.customers (id),
    kind        nvarchar(10) NOT NULL CONSTRAINT CK_addresses_kind CHECK (kind IN (N'billing', N'shipping')),
    street      nvarchar(200) NOT NULL,
    zip         nvarchar(20) NOT NULL,
    city        nvarchar(100) NOT NULL,
    country     nvarchar(100) NOT NULL
);
CREATE INDEX IX_addresses_customer ON dbo.addresses (customer_id);
GO

CREATE TABLE dbo.categories (
    id        int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_categories PRIMARY KEY,
    parent_id int NULL CONSTRAINT FK_categories_parent REFERENCES dbo.categories (id),
    name      nvarchar(100) NOT NULL,
    CONSTRAINT UQ_categories_name UNIQUE (parent_id, name)
);
GO

CREATE TABLE dbo.products (
    id          bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_products PRIMARY KEY,
    sku         nvarchar(40) NOT NULL CONSTRAINT UQ_products_sku UNIQUE,
    category_id int NOT NULL CONSTRAINT FK_products_category REFERENCES dbo.categories (id),
    name        nvarchar(200) NOT NULL,
    description nvarchar(2000) NOT NULL CONSTRAINT DF_products_description DEFAULT (N''),
    price       decimal(10, 2) NOT NULL CONSTRAINT CK_products_price CHECK (price >= 0),
    active      bit NOT NULL CONSTRAINT DF_products_active DEFAULT (1)
);
CREATE INDEX IX_products_category ON dbo.products (category_id);
GO

CREATE TABLE dbo.stock (
    product_id bigint NOT NULL CONSTRAINT FK_stock_product REFERENCES dbo.products (id),
    warehouse  nvarchar(100) NOT NULL,
    quantity   int NOT NULL CONSTRAINT DF_stock_quantity DEFAULT (0),
    CONSTRAINT PK_stock PRIMARY KEY (product_id, warehouse)
);
GO

CREATE TABLE dbo.order_statuses (
    code       nvarchar(20) NOT NULL CONSTRAINT PK_order_statuses PRIMARY KEY,
    sort_order int NOT NULL
);
GO

CREATE TABLE dbo.orders (
    id          bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_orders PRIMARY KEY,
    order_no    nvarchar(20) NOT NULL CONSTRAINT UQ_orders_order_no UNIQUE,
    customer_id bigint NOT NULL CONSTRAINT FK_orders_customer REFERENCES dbo.customers (id),
    ship_to     bigint NOT NULL CONSTRAINT FK_orders_ship_to REFERENCES dbo.addresses (id),
    status      nvarchar(20) NOT NULL
                CONSTRAINT DF_orders_status DEFAULT (N'new')
                CONSTRAINT FK_orders_status REFERENCES dbo.order_statuses (code),
    placed_at   datetime2(0) NOT NULL CONSTRAINT DF_orders_placed_at DEFAULT (SYSUTCDATETIME()),
    note        nvarchar(1000) NULL
);
GO

CREATE TABLE dbo.order_lines (
    id         bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_order_lines PRIMARY KEY,
    order_id   bigint NOT NULL CONSTRAINT FK_order_lines_order REFERENCES dbo.orders (id),
    position   int NOT NULL,
    product_id bigint NOT NULL CONSTRAINT FK_order_lines_product REFERENCES dbo.products (id),
    quantity   int NOT NULL CONSTRAINT CK_order_lines_quantity CHECK (quantity > 0),
    unit_price decimal(10, 2) NOT NULL,
    CONSTRAINT UQ_order_lines_position UNIQUE (order_id, position)
);
GO

CREATE TABLE dbo.payments (
    id        bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_payments PRIMARY KEY,
    order_id  bigint NOT NULL CONSTRAINT FK_payments_order REFERENCES dbo.orders (id),
    method    nvarchar(40) NOT NULL,
    amount    decimal(10, 2) NOT NULL,
    paid_at   datetime2(0) NOT NULL,
    reference nvarchar(100) NULL
);
CREATE INDEX IX_payments_order ON dbo.payments (order_id);
GO

CREATE TABLE dbo.mail_templates (
    name    nvarchar(100) NOT NULL CONSTRAINT PK_mail_templates PRIMARY KEY,
    subject nvarchar(200) NOT NULL,
    body    nvarchar(max) NOT NULL
);
GO

-- What was in the shop on that day. The rows come with their ids.

INSERT INTO dbo.order_statuses (code, sort_order) VALUES
    (N'new', 10),
    (N'paid', 20),
    (N'shipped', 30),
    (N'cancelled', 90);
GO

SET IDENTITY_INSERT dbo.customers ON;

INSERT INTO dbo.customers (id, customer_no, name, contact, created_at) VALUES
    (1, N'C-1001', N'Ada Brandt',          N'ada.brandt@example.com',     '2022-03-14T09:12:00'),
    (2, N'C-1002', N'Bruno O''Neill',      N'+353 1 555 0134',            '2022-04-02T16:40:00'),
    (3, N'C-1003', N'Café Zwölf GmbH',     N'Einkauf@CafeZwoelf.example', '2022-09-21T07:05:00'),
    (4, N'C-1004', N'Dana Kowalska',       NULL,                          '2023-01-30T19:55:00'),
    (5, N'C-1005', N'Émile Durand',        N'emile@example.net ',         '2023-06-11T11:31:00'),
    (6, N'C-1006', N'Frieda van der Meer', N'+31 20 555 0177',            '2023-11-05T08:20:00');

SET IDENTITY_INSERT dbo.customers OFF;
GO

SET IDENTITY_INSERT dbo.addresses ON;

INSERT INTO dbo.addresses (id, customer_id, kind, street, zip, city, country) VALUES
    (1, 1, N'billing',  N'Lindenweg 4',            N'50667',    N'Köln',       N'Germany'),
    (2, 1, N'shipping', N'Am Alten Markt 12',      N'50667',    N'Köln',       N'Deutschland'),
    (3, 2, N'shipping', N'7 St. Stephen''s Green', N'D02 X285', N'Dublin',     N'Ireland'),
    (4, 3, N'billing',  N'Zwölfergasse 12; Hof',   N'1060',     N'Wien',       N'Austria'),
    (5, 4, N'shipping', N'ul. Długa 31/5',         N'31-147',   N'Kraków',     N'Poland'),
    (6, 5, N'shipping', N'18 rue de l''Église',    N'67000',    N'Strasbourg', N'France'),
    (7, 6, N'shipping', N'Prinsengracht 263',      N'1016 GV',  N'Amsterdam',  N'The Netherlands');

SET IDENTITY_INSERT dbo.addresses OFF;
GO

SET IDENTITY_INSERT dbo.categories ON;

INSERT INTO dbo.categories (id, parent_id, name) VALUES
    (1, NULL, N'Coffee'),
    (2, NULL, N'Tea'),
    (3, NULL, N'Equipment'),
    (4, 1,    N'Whole bean'),
    (5, 1,    N'Ground'),
    (6, 3,    N'Grinders'),
    (7, 3,    N'Brewing');

SET IDENTITY_INSERT dbo.categories OFF;
GO

SET IDENTITY_INSERT dbo.products ON;

INSERT INTO dbo.products (id, sku, category_id, name, description, price, active) VALUES
    (1,  N'COF-ETH-250', 4, N'Ethiopia Yirgacheffe 250 g', N'Floral; notes of bergamot and peach.',      11.90, 1),
    (2,  N'COF-ETH-1K',  4, N'Ethiopia Yirgacheffe 1 kg',  N'Floral; notes of bergamot and peach.',      39.90, 1),
    (3,  N'COF-COL-250', 4, N'Colombia Huila 250 g',       N'Caramel, red apple. The team''s favourite.', 9.90, 1),
    (4,  N'COF-HSE-500', 5, N'House blend 500 g, ground',  N'Dark chocolate and hazelnut.',              12.90, 1),
    (5,  N'COF-DEC-250', 5, N'Decaf 250 g, ground',        N'All of the taste -- none of the caffeine.', 10.90, 1),
    (6,  N'TEA-SEN-100', 2, N'Sencha 100 g',               N'Steamed Japanese green tea.',                8.90, 1),
    (7,  N'TEA-EGR-100', 2, N'Earl Grey 100 g',            N'Black tea with bergamot.',                   7.90, 1),
    (8,  N'EQP-GRD-M1',  6, N'Hand grinder M1',            N'Steel burrs, colour: black.',               89.00, 1),
    (9,  N'EQP-GRD-M1W', 6, N'Hand grinder M1',            N'Steel burrs, colour: white.',               89.00, 1),
    (10, N'EQP-DRP-02',  7, N'Dripper size 02',            N'Ceramic, colour: white.',                   24.50, 1),
    (11, N'EQP-KET-OLD', 7, N'Gooseneck kettle (old)',     N'Discontinued.',                             59.00, 0);

SET IDENTITY_INSERT dbo.products OFF;
GO

INSERT INTO dbo.stock (product_id, warehouse, quantity) VALUES
    (1, N'Cologne', 140), (1, N'Rotterdam', 60),
    (2, N'Cologne',  35),
    (3, N'Cologne',  88), (3, N'Rotterdam', 12),
    (4, N'Cologne',  54),
    (5, N'Cologne',  20),
    (6, N'Rotterdam', 75),
    (7, N'Rotterdam', 66),
    (8, N'Cologne',   9),
    (9, N'Cologne',   4),
    (10, N'Cologne', 31), (10, N'Rotterdam', 8),
    (11, N'Rotterdam', 1);
GO

SET IDENTITY_INSERT dbo.orders ON;

INSERT INTO dbo.orders (id, order_no, customer_id, ship_to, status, placed_at, note) VALUES
    (1, N'2023-0001', 1, 2, N'shipped',   '2023-10-02T08:15:00', NULL),
    (2, N'2023-0002', 2, 3, N'shipped',   '2023-10-17T21:03:00', N'Please don''t ring; the baby sleeps.'),
    (3, N'2023-0003', 3, 4, N'shipped',   '2023-11-03T06:48:00', NULL),
    (4, N'2023-0004', 5, 6, N'cancelled', '2023-11-20T14:22:00', N'returned: grinder arrived with a dent'),
    (5, N'2023-0005', 4, 5, N'cancelled', '2023-12-01T10:00:00', N'ordered twice'),
    (6, N'2023-0006', 1, 2, N'shipped',   '2023-12-08T17:39:00', N'Gift'),
    (7, N'2024-0001', 3, 4, N'paid',      '2024-01-04T07:02:00', NULL),
    (8, N'2024-0002', 6, 7, N'new',       '2024-01-05T12:26:00', NULL);

SET IDENTITY_INSERT dbo.orders OFF;
GO

SET IDENTITY_INSERT dbo.order_lines ON;

INSERT INTO dbo.order_lines (id, order_id, position, product_id, quantity, unit_price) VALUES
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

SET IDENTITY_INSERT dbo.order_lines OFF;
GO

SET IDENTITY_INSERT dbo.payments ON;

INSERT INTO dbo.payments (id, order_id, method, amount, paid_at, reference) VALUES
    (1, 1, N'Visa',            48.30, '2023-10-02T08:16:00', N'ch_7Qm1'),
    (2, 2, N'PayPal',          26.70, '2023-10-17T21:04:00', N'PP-44120'),
    (3, 3, N'bank transfer',  308.55, '2023-11-06T00:00:00', N'RE 2023-0003'),
    (4, 4, N'card',            89.00, '2023-11-20T14:23:00', N'ch_8Ar9'),
    (5, 4, N'card',           -89.00, '2023-11-29T09:10:00', N're_8Ar9'),
    (6, 6, N'Mastercard',     108.80, '2023-12-08T17:40:00', N'ch_9Zk4'),
    (7, 7, N'Bank transfer',  100.00, '2024-01-08T00:00:00', N'RE 2024-0001, part 1');

SET IDENTITY_INSERT dbo.payments OFF;
GO

INSERT INTO dbo.mail_templates (name, subject, body) VALUES
    (N'order_confirmed', N'Your order {order_no}',
     N'Dear {name},

thank you for your order; we''ll pack it soon.

Your shop'),
    (N'order_shipped', N'Order {order_no} is on its way',
     N'Dear {name},

your parcel has left our warehouse -- tracking: {tracking_url}

Your shop');
GO
