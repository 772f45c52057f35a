-- Allow only known payment methods, and give each payment a state

UPDATE dbo.payments
   SET method = CASE
           WHEN LOWER(method) IN (N'card', N'visa', N'mastercard') THEN N'card'
           WHEN LOWER(method) IN (N'bank transfer', N'wire')       THEN N'transfer'
           ELSE LOWER(method)  -- the check below stops us if there is anything else
       END;

ALTER TABLE dbo.payments ADD CONSTRAINT CK_payments_method CHECK (method IN (N'card', N'transfer', N'paypal', N'cash'));
ALTER TABLE dbo.payments ADD CONSTRAINT CK_payments_amount CHECK (amount <> 0);

ALTER TABLE dbo.payments ADD
    state nvarchar(10) NOT NULL
    CONSTRAINT DF_payments_state DEFAULT (N'pending')
    CONSTRAINT CK_payments_state CHECK (state IN (N'pending', N'settled', N'refund', N'failed'));
GO

UPDATE dbo.payments
   SET state = CASE WHEN amount < 0 THEN N'refund' ELSE N'settled' END;
GO

-- Few are pending at any time, and the clerk asks for these alone.
CREATE INDEX IX_payments_pending ON dbo.payments (paid_at)
    INCLUDE (order_id, amount)
    WHERE state = N'pending';
GO;

IF OBJECT_ID(N'dbo.order_totals', N'V') IS NOT NULL
    DROP VIEW dbo.order_totals;
GO

CREATE VIEW dbo.order_totals
AS
SELECT o.id AS order_id,
       o.order_no,
       o.status,
       COALESCE(l.total, 0) AS total,
       COALESCE(p.paid, 0) AS paid,
       CASE
           WHEN o.status = N'cancelled' THEN 0
           ELSE COALESCE(l.total, 0) - COALESCE(p.paid, 0)
       END AS [open]
  FROM dbo.orders AS o
  LEFT JOIN (SELECT order_id, SUM(total) AS total
               FROM dbo.order_lines GROUP BY order_id) AS l ON l.order_id = o.id
  LEFT JOIN (SELECT order_id, SUM(amount) AS paid
               FROM dbo.payments
              WHERE state IN (N'settled', N'refund')
              GROUP BY order_id) AS p ON p.order_id = o.id;
GO
