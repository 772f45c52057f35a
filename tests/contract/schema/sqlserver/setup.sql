-- Each batch ends at GO. SQL Server 2016 and later, Azure SQL Database, and Babelfish.
CREATE SCHEMA sales;
GO
CREATE SCHEMA audit;
GO
CREATE ROLE reader;
GO
CREATE ROLE writer;
GO
CREATE TYPE dbo.phone FROM varchar(20) NULL;
GO
CREATE TYPE dbo.id_list AS TABLE (id int NOT NULL PRIMARY KEY, rank smallint NOT NULL DEFAULT (0), CHECK (rank >= 0));
GO
CREATE TYPE dbo.flag FROM char(1) NOT NULL;
GO
CREATE SCHEMA spare;
GO
CREATE SEQUENCE dbo.tock AS int START WITH 5 INCREMENT BY 5 MINVALUE 5 MAXVALUE 500 CACHE 10;
GO
CREATE SEQUENCE sales.order_number AS bigint START WITH 1000 INCREMENT BY 1 MINVALUE 1 MAXVALUE 999999999 NO CYCLE CACHE 50;
GO
CREATE TABLE sales.customer (
    id int IDENTITY(1, 1) NOT NULL CONSTRAINT pk_customer PRIMARY KEY,
    name nvarchar(100) NOT NULL,
    email varchar(200) NULL,
    code char(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
    phone dbo.phone,
    credit decimal(12, 2) NOT NULL CONSTRAINT DF_customer_credit DEFAULT (0),
    active bit NOT NULL CONSTRAINT DF_customer_active DEFAULT (1),
    guid uniqueidentifier NOT NULL CONSTRAINT DF_customer_guid DEFAULT (newid()),
    born date NULL,
    photo varbinary(max) NULL,
    CONSTRAINT uq_customer_code UNIQUE (code),
    CONSTRAINT ck_customer_credit CHECK (credit >= 0),
    CONSTRAINT ck_customer_name CHECK (len(name) > 0)
);
GO
CREATE TABLE sales.[order] (
    id bigint NOT NULL CONSTRAINT DF_order_id DEFAULT (NEXT VALUE FOR sales.order_number),
    customer_id int NOT NULL,
    placed datetime2(0) NOT NULL,
    amount money NOT NULL,
    note nvarchar(max) NULL,
    CONSTRAINT pk_order PRIMARY KEY (id),
    CONSTRAINT fk_order_customer FOREIGN KEY (customer_id) REFERENCES sales.customer (id) ON DELETE CASCADE
);
GO
CREATE TABLE sales.line (
    order_id bigint NOT NULL,
    no smallint NOT NULL,
    item varchar(40) NOT NULL,
    quantity int NOT NULL,
    price smallmoney NULL,
    weight float NULL,
    remark nvarchar(200) NULL,
    CONSTRAINT pk_line PRIMARY KEY (order_id, no),
    CONSTRAINT fk_line_order FOREIGN KEY (order_id) REFERENCES sales.[order] (id)
);
GO
CREATE TABLE dbo.plain (a int NOT NULL, b int NOT NULL, c int NULL, d varchar(10) NULL, e int NULL, CONSTRAINT pk_plain PRIMARY KEY (a), CONSTRAINT uq_plain UNIQUE (b));
GO
CREATE INDEX ix_plain_c ON dbo.plain (c);
GO
CREATE TABLE audit.[odd name] (id int NOT NULL, [a.b] int NULL, [c d] int NULL);
GO
CREATE TABLE sales.price (id int NOT NULL, amount money NOT NULL, tax AS (amount * 0.2) PERSISTED, gross AS (amount * 2) PERSISTED);
GO
CREATE TABLE dbo.setting (name varchar(20) NOT NULL, value int NOT NULL CONSTRAINT DF_setting_value DEFAULT (1), note nvarchar(40) NOT NULL);
GO
CREATE TABLE audit.counter (n int NOT NULL, id int IDENTITY(1, 1) NOT NULL);
GO
CREATE TABLE audit.entry (at datetime NULL, what nvarchar(400) NOT NULL, CONSTRAINT uq_entry_what UNIQUE (what), CONSTRAINT fk_entry_who FOREIGN KEY (who) REFERENCES sales.customer (id), who int NULL);
GO
CREATE TABLE audit.history (number bigint NOT NULL PRIMARY KEY, script nvarchar(400) NOT NULL, checksum varchar(64) NULL, state varchar(20) NOT NULL DEFAULT 'done', applied_at datetime2(3) NOT NULL, tool_version varchar(40) NULL, statements_done int NULL, done_checksum varchar(64) NULL, format int NOT NULL, CHECK (number > 0));
GO
CREATE TABLE audit.history_repairs (id int NOT NULL PRIMARY KEY);
GO
CREATE TABLE audit.history_schema (id int NOT NULL PRIMARY KEY, body nvarchar(max) NULL);
GO
CREATE INDEX ix_order_placed ON sales.[order] (placed DESC, customer_id) INCLUDE (amount) WHERE (note IS NOT NULL);
GO
CREATE UNIQUE INDEX ix_customer_phone ON sales.customer (phone) WHERE (phone IS NOT NULL);
GO
CREATE INDEX ix_line_item ON sales.line (item) INCLUDE (quantity, price);
GO
CREATE VIEW sales.customer_order AS SELECT c.name, o.id, o.amount FROM sales.customer c JOIN sales.[order] o ON o.customer_id = c.id;
GO
CREATE FUNCTION dbo.twice (@x int) RETURNS int AS
BEGIN
    RETURN @x * 2;
END;
GO
CREATE FUNCTION sales.orders_of (@customer int) RETURNS TABLE AS RETURN SELECT id, amount FROM sales.[order] WHERE customer_id = @customer;
GO
CREATE FUNCTION dbo.numbers (@n int) RETURNS @t TABLE (n int NOT NULL PRIMARY KEY) AS
BEGIN
    INSERT @t VALUES (@n);
    RETURN;
END;
GO
/* A comment before a procedure is part of its text. */
CREATE PROCEDURE sales.place @customer int, @amount money AS
BEGIN
    SET NOCOUNT ON;
    INSERT INTO sales.[order] (customer_id, placed, amount) VALUES (@customer, SYSUTCDATETIME(), @amount);
END;
GO
CREATE TRIGGER sales.order_touched ON sales.[order] AFTER UPDATE AS SET NOCOUNT ON;
GO
EXEC sys.sp_addextendedproperty N'MS_Description', N'People who buy', N'SCHEMA', N'sales', N'TABLE', N'customer';
GO
EXEC sys.sp_addextendedproperty N'MS_Description', N'As printed on the card', N'SCHEMA', N'sales', N'TABLE', N'customer', N'COLUMN', N'code';
GO
GRANT SELECT ON sales.customer TO reader;
GO
GRANT SELECT, INSERT ON sales.[order] TO writer;
GO
GRANT EXECUTE ON sales.place TO writer;
