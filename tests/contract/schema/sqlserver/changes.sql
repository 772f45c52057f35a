-- a table is made with its parts => added table sales.region
CREATE TABLE sales.region (id int NOT NULL CONSTRAINT pk_region PRIMARY KEY, name nvarchar(50) NOT NULL CONSTRAINT uq_region_name UNIQUE);
-- a table is dropped => removed table audit.[odd name]
DROP TABLE audit.[odd name];
-- a table is renamed => removed table audit.[odd name]; added table audit.even
EXEC sp_rename N'audit.[odd name]', N'even', N'OBJECT';
-- a table is made in the place of a view => removed view sales.customer_order; added table sales.customer_order
DROP VIEW sales.customer_order; CREATE TABLE sales.customer_order (id int NOT NULL);
-- a table that only looks like a journal is dropped and made again with a column of the journal less => added table audit.log
CREATE TABLE audit.log (number bigint NOT NULL, script nvarchar(400) NOT NULL, checksum varchar(64) NULL, state varchar(20) NOT NULL, applied_at datetime2(3) NOT NULL, tool_version varchar(40) NULL, statements_done int NULL, done_checksum varchar(64) NULL);
-- a table has the name of the journal's repairs but stands in another schema => added table dbo.history_repairs
CREATE TABLE dbo.history_repairs (id int NOT NULL);
-- the table that was the journal loses a column => added table audit.history; added table audit.history_repairs; added table audit.history_schema
ALTER TABLE audit.history DROP COLUMN done_checksum;
-- a column is added => added column sales.customer.city
ALTER TABLE sales.customer ADD city nvarchar(60) NULL;
-- a column with a default is added => added column dbo.plain.f; added default dbo.plain.DF_plain_f
ALTER TABLE dbo.plain ADD f int NOT NULL CONSTRAINT DF_plain_f DEFAULT (0);
-- an identity column is added => added column audit.[odd name].no
ALTER TABLE audit.[odd name] ADD no bigint IDENTITY(10, 5) NOT NULL;
-- an identity column has other steps => changed column audit.counter.id
ALTER TABLE audit.counter DROP COLUMN id; ALTER TABLE audit.counter ADD id int IDENTITY(10, 5) NOT NULL;
-- a column becomes an identity => changed column audit.counter.n; changed column audit.counter.id
ALTER TABLE audit.counter ADD x int NULL; ALTER TABLE audit.counter DROP COLUMN id; ALTER TABLE audit.counter DROP COLUMN n; ALTER TABLE audit.counter ADD n int IDENTITY(1, 1) NOT NULL; ALTER TABLE audit.counter ADD id int NOT NULL; ALTER TABLE audit.counter DROP COLUMN x;
-- a column is dropped from the middle => removed column sales.line.weight
ALTER TABLE sales.line DROP COLUMN weight;
-- a column is renamed => removed column sales.line.price; added column sales.line.cost; changed index sales.line.ix_line_item
EXEC sp_rename N'sales.line.price', N'cost', N'COLUMN';
-- a column whose name needs brackets is renamed => removed column audit.[odd name].[c d]; added column audit.[odd name].plain
EXEC sp_rename N'audit.[odd name].[c d]', N'plain', N'COLUMN';
-- a column moves to the end => order table dbo.plain
ALTER TABLE dbo.plain DROP CONSTRAINT uq_plain; ALTER TABLE dbo.plain DROP COLUMN b; ALTER TABLE dbo.plain ADD b int NOT NULL; ALTER TABLE dbo.plain ADD CONSTRAINT uq_plain UNIQUE (b);
-- a column grows longer => changed column sales.customer.email
ALTER TABLE sales.customer ALTER COLUMN email varchar(250);
-- a column becomes max => changed column sales.line.remark
ALTER TABLE sales.line ALTER COLUMN remark nvarchar(max);
-- a column loses its Unicode => changed column sales.line.remark
ALTER TABLE sales.line ALTER COLUMN remark varchar(200);
-- an int becomes a bigint => changed column dbo.plain.e
ALTER TABLE dbo.plain ALTER COLUMN e bigint;
-- a column changes its precision => changed column sales.line.weight
ALTER TABLE sales.line ALTER COLUMN weight real;
-- a column changes its type, precision and scale => changed column sales.line.weight
ALTER TABLE sales.line ALTER COLUMN weight decimal(10, 4);
-- a time keeps other fractions => changed column audit.entry.at
ALTER TABLE audit.entry ALTER COLUMN at datetime2(3);
-- a date becomes a datetimeoffset => changed column sales.customer.born
ALTER TABLE sales.customer DROP COLUMN born; ALTER TABLE sales.customer DROP COLUMN photo; ALTER TABLE sales.customer ADD born datetimeoffset(2) NULL; ALTER TABLE sales.customer ADD photo varbinary(max) NULL;
-- a column takes an alias type => changed column sales.customer.email
ALTER TABLE sales.customer ALTER COLUMN email dbo.phone;
-- a column becomes nullable => changed column dbo.setting.note
ALTER TABLE dbo.setting DROP COLUMN note; ALTER TABLE dbo.setting ADD note nvarchar(40) NULL;
-- a column becomes not null => changed column sales.line.remark
ALTER TABLE sales.line DROP COLUMN remark; ALTER TABLE sales.line ADD remark nvarchar(200) NOT NULL;
-- a column changes its collation => changed column dbo.setting.note
ALTER TABLE dbo.setting DROP COLUMN note; ALTER TABLE dbo.setting ADD note nvarchar(40) COLLATE Latin1_General_CS_AS NOT NULL;
-- a computed column has another formula => changed column sales.price.gross
ALTER TABLE sales.price DROP COLUMN gross; ALTER TABLE sales.price ADD gross AS (amount * 3) PERSISTED;
-- a computed column becomes a plain one => changed column sales.price.tax; order table sales.price
ALTER TABLE sales.price DROP COLUMN tax; ALTER TABLE sales.price ADD tax money NULL;
-- a default is added => added default dbo.plain.DF_plain_c
ALTER TABLE dbo.plain ADD CONSTRAINT DF_plain_c DEFAULT (1) FOR c;
-- a default has another value => changed default dbo.setting.DF_setting_value
DROP TABLE dbo.setting; CREATE TABLE dbo.setting (name varchar(20) NOT NULL, value int NOT NULL CONSTRAINT DF_setting_value DEFAULT (2), note nvarchar(40) NOT NULL);
-- a default is dropped => removed default dbo.setting.DF_setting_value
DROP TABLE dbo.setting; CREATE TABLE dbo.setting (name varchar(20) NOT NULL, value int NOT NULL, note nvarchar(40) NOT NULL);
-- a default moves to another column => removed default dbo.setting.DF_setting_value; added default dbo.setting.DF_setting_note
DROP TABLE dbo.setting; CREATE TABLE dbo.setting (name varchar(20) NOT NULL, value int NOT NULL, note nvarchar(40) NOT NULL CONSTRAINT DF_setting_note DEFAULT (N'none'));
-- a check is added => added check sales.line.ck_line_quantity
ALTER TABLE sales.line ADD CONSTRAINT ck_line_quantity CHECK (quantity > 0);
-- a check is dropped => removed check sales.customer.ck_customer_credit
ALTER TABLE sales.customer DROP CONSTRAINT ck_customer_credit;
-- a check says something else => changed check sales.customer.ck_customer_credit
ALTER TABLE sales.customer DROP CONSTRAINT ck_customer_credit; ALTER TABLE sales.customer ADD CONSTRAINT ck_customer_credit CHECK (credit > 0);
-- a check has another name => removed check sales.customer.ck_customer_credit; added check sales.customer.credit_is_positive
ALTER TABLE sales.customer DROP CONSTRAINT ck_customer_credit; ALTER TABLE sales.customer ADD CONSTRAINT credit_is_positive CHECK (credit >= 0);
-- a foreign key is added => added foreign key dbo.plain.fk_plain_customer
ALTER TABLE dbo.plain ADD CONSTRAINT fk_plain_customer FOREIGN KEY (c) REFERENCES sales.customer (id) ON UPDATE CASCADE ON DELETE SET NULL;
-- a foreign key is dropped => removed foreign key sales.line.fk_line_order
ALTER TABLE sales.line DROP CONSTRAINT fk_line_order;
-- a foreign key gets an action => changed foreign key sales.line.fk_line_order
ALTER TABLE sales.line DROP CONSTRAINT fk_line_order; ALTER TABLE sales.line ADD CONSTRAINT fk_line_order FOREIGN KEY (order_id) REFERENCES sales.[order] (id) ON DELETE CASCADE;
-- a foreign key loses its action => changed foreign key sales.order.fk_order_customer
ALTER TABLE sales.[order] DROP CONSTRAINT fk_order_customer; ALTER TABLE sales.[order] ADD CONSTRAINT fk_order_customer FOREIGN KEY (customer_id) REFERENCES sales.customer (id);
-- a foreign key points elsewhere => changed foreign key audit.entry.fk_entry_who
ALTER TABLE audit.entry DROP CONSTRAINT fk_entry_who; ALTER TABLE audit.entry ADD CONSTRAINT fk_entry_who FOREIGN KEY (who) REFERENCES dbo.plain (a);
-- a primary key is dropped => removed primary key dbo.plain.pk_plain
ALTER TABLE dbo.plain DROP CONSTRAINT pk_plain;
-- a primary key is added => added primary key audit.[odd name].[pk odd]
ALTER TABLE audit.[odd name] ADD CONSTRAINT [pk odd] PRIMARY KEY (id);
-- a primary key has other columns => changed primary key dbo.plain.pk_plain
ALTER TABLE dbo.plain DROP CONSTRAINT pk_plain; ALTER TABLE dbo.plain ADD CONSTRAINT pk_plain PRIMARY KEY (a, b);
-- a primary key has its columns in another order => changed primary key sales.line.pk_line
ALTER TABLE sales.line DROP CONSTRAINT pk_line; ALTER TABLE sales.line ADD CONSTRAINT pk_line PRIMARY KEY (no, order_id);
-- a unique constraint is added => added unique dbo.plain.uq_plain_d
ALTER TABLE dbo.plain ADD CONSTRAINT uq_plain_d UNIQUE (d);
-- a unique constraint is dropped => removed unique dbo.plain.uq_plain
ALTER TABLE dbo.plain DROP CONSTRAINT uq_plain;
-- a unique constraint has another name => removed unique dbo.plain.uq_plain; added unique dbo.plain.plain_b
ALTER TABLE dbo.plain DROP CONSTRAINT uq_plain; ALTER TABLE dbo.plain ADD CONSTRAINT plain_b UNIQUE (b);
-- a unique constraint becomes an index => removed unique dbo.plain.uq_plain; added index dbo.plain.uq_plain
ALTER TABLE dbo.plain DROP CONSTRAINT uq_plain; CREATE UNIQUE INDEX uq_plain ON dbo.plain (b);
-- an index is made => added index dbo.plain.ix_plain_d
CREATE INDEX ix_plain_d ON dbo.plain (d);
-- an index is dropped => removed index dbo.plain.ix_plain_c
DROP INDEX ix_plain_c ON dbo.plain;
-- an index gets another column => changed index dbo.plain.ix_plain_c
DROP INDEX ix_plain_c ON dbo.plain; CREATE INDEX ix_plain_c ON dbo.plain (c, d);
-- an index has its columns in another order => changed index sales.order.ix_order_placed
DROP INDEX ix_order_placed ON sales.[order]; CREATE INDEX ix_order_placed ON sales.[order] (customer_id, placed DESC) INCLUDE (amount) WHERE (note IS NOT NULL);
-- an index runs the other way => changed index dbo.plain.ix_plain_c
DROP INDEX ix_plain_c ON dbo.plain; CREATE INDEX ix_plain_c ON dbo.plain (c DESC);
-- an index includes a column => changed index dbo.plain.ix_plain_c
DROP INDEX ix_plain_c ON dbo.plain; CREATE INDEX ix_plain_c ON dbo.plain (c) INCLUDE (d);
-- an index is filtered => changed index dbo.plain.ix_plain_c
DROP INDEX ix_plain_c ON dbo.plain; CREATE INDEX ix_plain_c ON dbo.plain (c) WHERE c IS NOT NULL;
-- an index has another filter => changed index sales.customer.ix_customer_phone
DROP INDEX ix_customer_phone ON sales.customer; CREATE UNIQUE INDEX ix_customer_phone ON sales.customer (phone) WHERE (id > 100);
-- an index becomes unique => changed index dbo.plain.ix_plain_c
DROP INDEX ix_plain_c ON dbo.plain; CREATE UNIQUE INDEX ix_plain_c ON dbo.plain (c);
-- a view is made => added view sales.cheap
CREATE VIEW sales.cheap AS SELECT id FROM sales.[order] WHERE amount < 10;
-- a view is dropped => removed view sales.customer_order
DROP VIEW sales.customer_order;
-- a view says something else => changed view sales.customer_order
DROP VIEW sales.customer_order; EXEC (N'CREATE VIEW sales.customer_order AS SELECT c.name, o.id FROM sales.customer c JOIN sales.[order] o ON o.customer_id = c.id;');
-- a function is made => added function dbo.one
CREATE FUNCTION dbo.one () RETURNS int AS BEGIN RETURN 1; END;
-- a function is altered => changed function dbo.twice
ALTER FUNCTION dbo.twice (@x int) RETURNS int AS BEGIN RETURN 2 * @x; END;
-- an inline function is dropped => removed function sales.orders_of
DROP FUNCTION sales.orders_of;
-- a function with a table of its own is dropped => removed function dbo.numbers
DROP FUNCTION dbo.numbers;
-- a procedure is made => added procedure dbo.nothing
CREATE PROCEDURE dbo.nothing AS SELECT 1 AS one;
-- a procedure is altered => changed procedure sales.place
ALTER PROCEDURE sales.place @customer int, @amount money AS SELECT 1 AS one;
-- only a comment in a procedure changes => changed procedure sales.place
DROP PROCEDURE sales.place; EXEC (N'/* Another comment. */
CREATE PROCEDURE sales.place @customer int, @amount money AS
BEGIN
    SET NOCOUNT ON;
    INSERT INTO sales.[order] (customer_id, placed, amount) VALUES (@customer, SYSUTCDATETIME(), @amount);
END;
');
-- a procedure is dropped => removed procedure sales.place
DROP PROCEDURE sales.place;
-- a procedure takes the name of a function => removed function dbo.twice; added procedure dbo.twice
DROP FUNCTION dbo.twice; EXEC (N'CREATE PROCEDURE dbo.twice AS SELECT 2 AS two;');
-- a trigger is made => added trigger dbo.plain.plain_made
CREATE TRIGGER dbo.plain_made ON dbo.plain AFTER INSERT AS SET NOCOUNT ON;
-- a trigger is dropped => removed trigger sales.order.order_touched
DROP TRIGGER sales.order_touched;
-- a trigger does something else => changed trigger sales.order.order_touched
DROP TRIGGER sales.order_touched; EXEC (N'CREATE TRIGGER sales.order_touched ON sales.[order] AFTER DELETE AS SET NOCOUNT ON;');
-- a trigger moves to another table => removed trigger sales.order.order_touched; added trigger sales.line.order_touched
DROP TRIGGER sales.order_touched; EXEC (N'CREATE TRIGGER sales.order_touched ON sales.line AFTER UPDATE AS SET NOCOUNT ON;');
-- a sequence is made => added sequence dbo.tick
CREATE SEQUENCE dbo.tick AS int START WITH 1;
-- a sequence is dropped => removed sequence dbo.tock; added sequence dbo.tick
CREATE SEQUENCE dbo.tick AS int START WITH 1; DROP SEQUENCE dbo.tock;
-- a sequence has another step and goes round => changed sequence sales.order_number
ALTER SEQUENCE sales.order_number INCREMENT BY 5 CYCLE;
-- a sequence has other bounds => changed sequence sales.order_number
ALTER SEQUENCE sales.order_number MINVALUE 10 MAXVALUE 99999;
-- a sequence has another cache => changed sequence sales.order_number
ALTER SEQUENCE sales.order_number CACHE 20;
-- an alias type is made => added type dbo.mail
CREATE TYPE dbo.mail FROM nvarchar(320) NOT NULL;
-- an alias type grows longer => changed type dbo.flag
DROP TYPE dbo.flag; CREATE TYPE dbo.flag FROM char(2) NOT NULL;
-- an alias type may be null => changed type dbo.flag
DROP TYPE dbo.flag; CREATE TYPE dbo.flag FROM char(1) NULL;
-- a table type has another column => changed type dbo.id_list
DROP TYPE dbo.id_list; EXEC (N'CREATE TYPE dbo.id_list AS TABLE (id bigint NOT NULL PRIMARY KEY, rank smallint NOT NULL DEFAULT (0), CHECK (rank >= 0));');
-- a table type has another check => changed type dbo.id_list
DROP TYPE dbo.id_list; EXEC (N'CREATE TYPE dbo.id_list AS TABLE (id int NOT NULL PRIMARY KEY, rank smallint NOT NULL DEFAULT (0), CHECK (rank > 0));');
-- a schema is made => added schema extra
CREATE SCHEMA extra;
-- a schema is dropped => removed schema spare
DROP SCHEMA spare;
-- a comment of a table changes => changed table sales.customer
EXEC sys.sp_updateextendedproperty N'MS_Description', N'People who don''t pay', N'SCHEMA', N'sales', N'TABLE', N'customer';
-- a comment of a column is dropped => changed column sales.customer.code
EXEC sys.sp_dropextendedproperty N'MS_Description', N'SCHEMA', N'sales', N'TABLE', N'customer', N'COLUMN', N'code';
-- a view gets a comment => changed view sales.customer_order
EXEC sys.sp_addextendedproperty N'MS_Description', N'for the report', N'SCHEMA', N'sales', N'VIEW', N'customer_order';
-- a procedure gets a comment => changed procedure sales.place
EXEC sys.sp_addextendedproperty N'MS_Description', N'for the shop', N'SCHEMA', N'sales', N'PROCEDURE', N'place';
-- a sequence gets a comment => changed sequence dbo.tock
EXEC sys.sp_addextendedproperty N'MS_Description', N'counts', N'SCHEMA', N'dbo', N'SEQUENCE', N'tock';
-- a schema gets a comment => changed schema audit
EXEC sys.sp_addextendedproperty N'MS_Description', N'what happened', N'SCHEMA', N'audit';
