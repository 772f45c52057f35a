-- Vouchers

-- A code is written in capitals, but who types welcome10 gets the discount, too.
CREATE TABLE dbo.vouchers (
    code        nvarchar(20) NOT NULL
                CONSTRAINT PK_vouchers PRIMARY KEY
                CONSTRAINT CK_vouchers_code CHECK (code = UPPER(code) COLLATE Latin1_General_BIN2),
    [percent]   int NOT NULL CONSTRAINT CK_vouchers_percent CHECK ([percent] BETWEEN 1 AND 50),
    max_uses    int NOT NULL CONSTRAINT DF_vouchers_max_uses DEFAULT (1),
    used        int NOT NULL CONSTRAINT DF_vouchers_used DEFAULT (0),
    valid_until date NULL,
    comment     nvarchar(200) NULL,
    CONSTRAINT CK_vouchers_max_uses CHECK (max_uses > 0),
    CONSTRAINT CK_vouchers_not_used_up CHECK (used BETWEEN 0 AND max_uses)
);

ALTER TABLE dbo.orders ADD
    voucher_code nvarchar(20) NULL
    CONSTRAINT FK_orders_voucher REFERENCES dbo.vouchers (code);
GO

CREATE INDEX IX_orders_voucher ON dbo.orders (voucher_code) WHERE voucher_code IS NOT NULL;
GO

CREATE TRIGGER dbo.TR_orders_voucher_redeemed ON dbo.orders
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;

    IF NOT UPDATE(voucher_code)
        RETURN;

    IF EXISTS (SELECT 1
                 FROM inserted AS i
                 JOIN deleted AS d ON d.id = i.id
                WHERE i.voucher_code <> COALESCE(d.voucher_code, N'')
                  AND d.status <> N'new')
        THROW 50005, N'A voucher can only be redeemed while the order is new.', 1;

    IF EXISTS (SELECT 1
                 FROM inserted AS i
                 JOIN deleted AS d ON d.id = i.id
                 JOIN dbo.vouchers AS v ON v.code = i.voucher_code
                WHERE i.voucher_code <> COALESCE(d.voucher_code, N'')
                  AND v.valid_until < CAST(SYSUTCDATETIME() AS date))
        THROW 50006, N'The voucher has expired.', 1;

    -- Count the uses. A voucher that is taken off an order can be used again.
    UPDATE v
       SET v.used = v.used + u.change
      FROM dbo.vouchers AS v
      JOIN (SELECT code, SUM(change) AS change
              FROM (SELECT voucher_code AS code, 1 AS change FROM inserted
                    UNION ALL
                    SELECT voucher_code, -1 FROM deleted) AS uses
             GROUP BY code) AS u ON u.code = v.code
     WHERE u.change <> 0;

    UPDATE l
       SET l.discount_percent = v.[percent]
      FROM dbo.order_lines AS l
      JOIN inserted AS i ON i.id = l.order_id
      JOIN deleted AS d ON d.id = i.id
      JOIN dbo.vouchers AS v ON v.code = i.voucher_code
     WHERE i.voucher_code <> COALESCE(d.voucher_code, N'')
       AND l.discount_percent < v.[percent];
END
GO

INSERT INTO dbo.vouchers (code, [percent], max_uses, valid_until, comment) VALUES
    (N'WELCOME10', 10, 10000, NULL,         N'First order; one per customer'),
    (N'SORRY15',   15, 1,     NULL,         N'For Émile''s dented grinder'),
    (N'SUMMER24',   5, 500,   '2024-08-31', NULL);
GO

-- Three cards for the winners at the coffee fair: FAIR24-1 to FAIR24-3.
INSERT INTO dbo.vouchers (code, [percent], valid_until, comment)
SELECT CONCAT(N'FAIR24-', COUNT(*) + 1), 20, '2024-12-31', N'Coffee fair 2024'
  FROM dbo.vouchers
 WHERE code LIKE N'FAIR24-%';
GO 3
