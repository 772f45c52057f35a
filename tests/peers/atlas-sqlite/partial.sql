PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE `atlas_schema_revisions` (`version` text NOT NULL, `description` text NOT NULL, `type` integer NOT NULL DEFAULT (2), `applied` integer NOT NULL DEFAULT (0), `total` integer NOT NULL DEFAULT (0), `executed_at` datetime NOT NULL, `execution_time` integer NOT NULL, `error` text NULL, `error_stmt` text NULL, `hash` text NOT NULL, `partial_hashes` json NULL, `operator_version` text NOT NULL, PRIMARY KEY (`version`));
INSERT INTO atlas_schema_revisions VALUES('.atlas_cloud_identifier','7c54d51b-8a10-490e-a9b9-2f7f61e4b3d4',2,0,0,'2026-11-27 18:32:28.476660897+00:00',0,NULL,NULL,'',NULL,'Atlas CLI v1.2.3');
INSERT INTO atlas_schema_revisions VALUES('20240105093000','create_customers',2,1,1,'2026-11-27 18:32:28.479295416+00:00',175610,'','','nCy8db7CKFsC5/ocSpG4E/COscgfV5GphIk0i9CUzHs=',X'6e756c6c','Atlas CLI v1.2.3');
INSERT INTO atlas_schema_revisions VALUES('20240105093500','create_products',2,1,1,'2026-11-27 18:32:28.481234616+00:00',164213,'','','1qiSk+/E/HG8JJL77vf8gQzY+H0qEqf7EjkPJy+tg+s=',X'6e756c6c','Atlas CLI v1.2.3');
INSERT INTO atlas_schema_revisions VALUES('20240111081502','create_orders_and_lines',2,2,2,'2026-11-27 18:32:28.482992828+00:00',154779,'','','wYfhWTt5Is1zOFO0yw8OPilVK8XxLvMB7H+1w/VUn8k=',X'6e756c6c','Atlas CLI v1.2.3');
INSERT INTO atlas_schema_revisions VALUES('20240202140000','add_email_to_customers',2,1,1,'2026-11-27 18:32:28.484978537+00:00',182591,'','','vYAhShMnxU5aeVqaMRAmtUHndn/6LvHx6QvNNiGzJPU=',X'6e756c6c','Atlas CLI v1.2.3');
INSERT INTO atlas_schema_revisions VALUES('20240202140001','index_orders_by_customer',2,1,1,'2026-11-27 18:32:28.486783959+00:00',153437,'','','9NekG6s1bR5RNt1cg+S8onvrUTrZIFuYcUBihk2yxXw=',X'6e756c6c','Atlas CLI v1.2.3');
INSERT INTO atlas_schema_revisions VALUES('20240219110000','seed_products',2,5,5,'2026-11-27 18:32:28.488598555+00:00',127709,'','','WlrmsW4SRz1yl/f6m0pcezpPo2CsYaSZV8DpXIbp4Tw=',X'6e756c6c','Atlas CLI v1.2.3');
INSERT INTO atlas_schema_revisions VALUES('20240311070707','create_view_order_totals',2,1,1,'2026-11-27 18:32:28.491115971+00:00',166456,'','','KGul2eWtw/VIM5QfhAiZeOOfZggRTBMf3pyF6Og1E3Y=',X'6e756c6c','Atlas CLI v1.2.3');
INSERT INTO atlas_schema_revisions VALUES('20240402121212','log_price_changes',2,2,2,'2026-11-27 18:32:28.492880633+00:00',165715,'','','7yF5RdR7Ni4TEj9lZim5GhtLygzU/HyVGZoFEnTwdvg=',X'6e756c6c','Atlas CLI v1.2.3');
INSERT INTO atlas_schema_revisions VALUES('20240520160000','rename_customers_name',2,1,1,'2026-11-27 18:32:28.494955063+00:00',109242,'','','hOHrzWJTpVf8Zgup8vnusmhZ8zp2Hhlk3KtLbb9d76k=',X'6e756c6c','Atlas CLI v1.2.3');
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    full_name TEXT NOT NULL,
    phone TEXT
, email TEXT);
INSERT INTO customers VALUES(1,'Ada Lovelace','+44 20 1','ada@example.com');
INSERT INTO customers VALUES(2,'Grace Hopper',NULL,NULL);
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, -- as printed on the label; "Größe" included
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0)
);
INSERT INTO products VALUES(1,'CUP-1','Cup; blue',450);
INSERT INTO products VALUES(2,'CUP-2','Cup, the potter''s -- red',475);
INSERT INTO products VALUES(3,'BOOK-1','The $5 cookbook',500);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO orders VALUES(1,1,'2026-11-27 18:32:28');
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id INTEGER NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
    price_cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
INSERT INTO order_lines VALUES(1,1,2,450);
INSERT INTO order_lines VALUES(1,3,1,500);
CREATE TABLE price_changes (
    product_id INTEGER NOT NULL REFERENCES products (id),
    old_cents INTEGER NOT NULL,
    new_cents INTEGER NOT NULL,
    changed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX ix_orders_customer ON orders (customer_id);
CREATE VIEW order_totals AS
SELECT o.id AS order_id, o.customer_id, SUM(l.quantity * l.price_cents) AS total_cents
FROM orders o JOIN order_lines l ON l.order_id = o.id
GROUP BY o.id, o.customer_id;
CREATE TRIGGER log_price AFTER UPDATE OF price_cents ON products
WHEN old.price_cents <> new.price_cents
BEGIN
    INSERT INTO price_changes (product_id, old_cents, new_cents)
    VALUES (new.id, old.price_cents, new.price_cents);
    UPDATE products SET title = title || CASE WHEN new.price_cents < old.price_cents THEN ' (sale)' ELSE '' END
    WHERE id = new.id;
END;
COMMIT;
