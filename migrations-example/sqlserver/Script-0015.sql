-- Country codes instead of country names in addresses

CREATE TABLE dbo.countries (
    code nchar(2) NOT NULL CONSTRAINT PK_countries PRIMARY KEY,
    name nvarchar(100) NOT NULL CONSTRAINT UQ_countries_name UNIQUE,
    eu   bit NOT NULL CONSTRAINT DF_countries_eu DEFAULT (1)
);

INSERT INTO dbo.countries (code, name, eu) VALUES
    (N'AT', N'Austria', 1),
    (N'CH', N'Switzerland', 0),
    (N'CI', N'Côte d''Ivoire', 0),
    (N'DE', N'Germany', 1),
    (N'FR', N'France', 1),
    (N'GB', N'United Kingdom', 0),
    (N'IE', N'Ireland', 1),
    (N'NL', N'Netherlands', 1),
    (N'PL', N'Poland', 1);

UPDATE dbo.addresses SET country = N'Germany' WHERE country IN (N'Deutschland', N'BRD');
UPDATE dbo.addresses SET country = N'Netherlands' WHERE country IN (N'The Netherlands', N'Holland');
GO

-- Stop here when a name was not understood.
DECLARE @unknown nvarchar(100), @message nvarchar(400);

SELECT @unknown = MIN(a.country)
  FROM dbo.addresses AS a
 WHERE NOT EXISTS (SELECT 1 FROM dbo.countries AS c WHERE c.name = a.country);

IF @unknown IS NOT NULL
BEGIN
    SET @message = CONCAT(N'Which country is "', @unknown, N'"? Add it to countries, or to the updates above.');
    THROW 50004, @message, 1;
END;
GO

-- Most of our customers live in Germany.
ALTER TABLE dbo.addresses ADD country_code nchar(2) NOT NULL CONSTRAINT DF_addresses_country_code DEFAULT (N'DE');
GO -- the next batch can use the column, this one could not

UPDATE a
   SET a.country_code = c.code
  FROM dbo.addresses AS a
  JOIN dbo.countries AS c ON c.name = a.country;

PRINT CONCAT(@@ROWCOUNT, N' addresses have a country code now');

ALTER TABLE dbo.addresses DROP COLUMN country;
GO

ALTER TABLE dbo.addresses ADD CONSTRAINT FK_addresses_country
    FOREIGN KEY (country_code) REFERENCES dbo.countries (code);
CREATE INDEX IX_addresses_country ON dbo.addresses (country_code);
GO
