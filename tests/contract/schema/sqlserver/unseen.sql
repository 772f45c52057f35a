-- rows are written
INSERT INTO dbo.plain (a, b) VALUES (1, 1); INSERT INTO sales.customer (name, code) VALUES (N'Ada', 'A');
-- an identity value moves on
INSERT INTO sales.customer (name, code) VALUES (N'Ada', 'A'); DELETE FROM sales.customer;
-- numbers are taken from a sequence
DECLARE @n bigint; SELECT @n = NEXT VALUE FOR sales.order_number; SELECT @n = NEXT VALUE FOR sales.order_number;
-- the journal gets a column, a row and an index
ALTER TABLE audit.history ADD seconds float NULL; CREATE INDEX ix_history ON audit.history (script); INSERT INTO audit.history (number, script, applied_at, format) VALUES (1, N'1.sql', '2026-01-01', 1);
-- the journal's repairs are dropped and its recorded schema gets a column
DROP TABLE audit.history_repairs; ALTER TABLE audit.history_schema ADD more int NULL;
-- the journal gets a comment, a check, a unique constraint and a default
EXEC sys.sp_addextendedproperty N'MS_Description', N'what has run', N'SCHEMA', N'audit', N'TABLE', N'history'; ALTER TABLE audit.history ADD CONSTRAINT ck_history CHECK (format > 0); ALTER TABLE audit.history ADD CONSTRAINT uq_history UNIQUE (script); ALTER TABLE audit.history ADD CONSTRAINT DF_history_format DEFAULT (1) FOR format;
-- the journal gets a trigger
CREATE TRIGGER audit.history_touched ON audit.history AFTER UPDATE AS SET NOCOUNT ON;
-- another journal is made in another schema
CREATE TABLE sales.dbmigrate_journal (number bigint NOT NULL CONSTRAINT pk_j PRIMARY KEY, script nvarchar(400) NOT NULL, checksum varchar(64) NULL, state varchar(20) NOT NULL, applied_at datetime2(3) NOT NULL, tool_version varchar(40) NULL, statements_done int NULL, done_checksum varchar(64) NULL, format int NOT NULL); CREATE TABLE sales.dbmigrate_journal_repairs (id int NOT NULL);
-- the journal is dropped with all that belongs to it
DROP TABLE audit.history_schema; DROP TABLE audit.history_repairs; DROP TABLE audit.history;
-- a column is added and dropped
ALTER TABLE dbo.plain ADD z int NULL; ALTER TABLE dbo.plain DROP COLUMN z;
-- a table is made and dropped
CREATE TABLE dbo.z (id int NOT NULL PRIMARY KEY); DROP TABLE dbo.z;
-- a table is made anew as it was
DROP TABLE audit.[odd name]; CREATE TABLE audit.[odd name] (id int NOT NULL, [a.b] int NULL, [c d] int NULL);
-- an index is made anew as it was
DROP INDEX ix_order_placed ON sales.[order]; CREATE INDEX ix_order_placed ON sales.[order] (placed DESC, customer_id) INCLUDE (amount) WHERE (note IS NOT NULL);
-- included columns stand in another order
DROP INDEX ix_line_item ON sales.line; CREATE INDEX ix_line_item ON sales.line (item) INCLUDE (price, quantity);
-- the last column is dropped and added as it was
ALTER TABLE sales.line DROP COLUMN remark; ALTER TABLE sales.line ADD remark nvarchar(200) NULL;
-- a foreign key is made anew as it was
ALTER TABLE sales.line DROP CONSTRAINT fk_line_order; ALTER TABLE sales.line ADD CONSTRAINT fk_line_order FOREIGN KEY (order_id) REFERENCES sales.[order] (id) ON DELETE NO ACTION ON UPDATE NO ACTION;
-- a check is made anew and written another way
ALTER TABLE sales.customer DROP CONSTRAINT ck_customer_credit; ALTER TABLE sales.customer ADD CONSTRAINT ck_customer_credit CHECK (((credit)  >=  0));
-- a default is made anew as it was
DROP TABLE dbo.setting; CREATE TABLE dbo.setting (name varchar(20) NOT NULL, value int NOT NULL CONSTRAINT DF_setting_value DEFAULT (1), note nvarchar(40) NOT NULL);
-- a primary key is made anew as it was
ALTER TABLE dbo.plain DROP CONSTRAINT pk_plain; ALTER TABLE dbo.plain ADD CONSTRAINT pk_plain PRIMARY KEY (a);
-- a unique constraint is made anew as it was
ALTER TABLE dbo.plain DROP CONSTRAINT uq_plain; ALTER TABLE dbo.plain ADD CONSTRAINT uq_plain UNIQUE (b ASC);
-- a column gets the type that it has
ALTER TABLE sales.line ALTER COLUMN remark nvarchar(200);
-- a column grows longer and shorter again
ALTER TABLE sales.customer ALTER COLUMN email varchar(250); ALTER TABLE sales.customer ALTER COLUMN email varchar(200);
-- a column is renamed and gets its name back
EXEC sp_rename N'sales.line.remark', N'said', N'COLUMN'; EXEC sp_rename N'sales.line.said', N'remark', N'COLUMN';
-- a view is made anew as it was
DECLARE @text nvarchar(max) = (SELECT m.definition FROM sys.sql_modules m WHERE m.object_id = OBJECT_ID(N'sales.customer_order')); DROP VIEW sales.customer_order; EXEC (@text);
-- a procedure is made anew with the line ends of Windows
DECLARE @text nvarchar(max) = (SELECT m.definition FROM sys.sql_modules m WHERE m.object_id = OBJECT_ID(N'sales.place')); SET @text = REPLACE(@text, NCHAR(10), NCHAR(13) + NCHAR(10)); DROP PROCEDURE sales.place; EXEC (@text);
-- a sequence is set to what it has
ALTER SEQUENCE sales.order_number INCREMENT BY 1 MAXVALUE 999999999 NO CYCLE;
-- a type is made anew as it was
DROP TYPE dbo.flag; CREATE TYPE dbo.flag FROM char(1) NOT NULL;
-- a schema is made anew as it was
DROP SCHEMA spare; EXEC (N'CREATE SCHEMA spare');
-- a grant is taken back
REVOKE INSERT ON sales.[order] FROM writer;
-- a right is granted
GRANT DELETE ON sales.customer TO reader;
-- a role is made and gets a member
CREATE ROLE guests; ALTER ROLE reader ADD MEMBER guests;
-- an extended property that is no description
EXEC sys.sp_addextendedproperty N'team', N'sales', N'SCHEMA', N'sales', N'TABLE', N'customer';
-- a comment is written anew as it was
EXEC sys.sp_dropextendedproperty N'MS_Description', N'SCHEMA', N'sales', N'TABLE', N'customer'; EXEC sys.sp_addextendedproperty N'MS_Description', N'People who buy', N'SCHEMA', N'sales', N'TABLE', N'customer';
-- a temporary table is made
CREATE TABLE #mine (id int NOT NULL PRIMARY KEY); INSERT INTO #mine VALUES (1);
-- the settings of the session change
SET ANSI_NULLS OFF; SET QUOTED_IDENTIFIER OFF; SET CONCAT_NULL_YIELDS_NULL OFF; SET DATEFORMAT dmy;
