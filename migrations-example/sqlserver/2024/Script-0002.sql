-- Turn the contact column into a phone number

ALTER TABLE dbo.customers ADD phone nvarchar(20) NULL;
GO

-- Only digits and the leading plus: '+353 1 555 0134' becomes '+35315550134'.
UPDATE dbo.customers
   SET phone = REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
           contact, N' ', N''), N'-', N''), N'/', N''), N'(', N''), N')', N'')
 WHERE email IS NULL;

ALTER TABLE dbo.customers DROP COLUMN contact;
GO

ALTER TABLE dbo.customers ADD CONSTRAINT CK_customers_phone CHECK (
    LEN(phone) BETWEEN 5 AND 16
    AND STUFF(phone, 1, CASE WHEN phone LIKE N'+%' THEN 1 ELSE 0 END, N'') NOT LIKE N'%[^0-9]%'
);
GO

EXEC sys.sp_addextendedproperty
    @name = N'MS_Description', @value = N'digits only; with a leading + when it is international',
    @level0type = N'SCHEMA', @level0name = N'dbo',
    @level1type = N'TABLE',  @level1name = N'customers',
    @level2type = N'COLUMN', @level2name = N'phone';
