-- Add an email address to customers

ALTER TABLE dbo.customers ADD email nvarchar(200) NULL;
GO

-- The contact column was used for both; what has an @ is an email address.
UPDATE dbo.customers
   SET email = LOWER(LTRIM(RTRIM(contact)))
 WHERE contact LIKE N'%_@_%';
GO

-- Unique, but any number of customers may have none.
CREATE UNIQUE INDEX UX_customers_email ON dbo.customers (email) WHERE email IS NOT NULL;
GO
