-- Show what each order costs and what is still open

SET ANSI_NULLS ON
GO
SET QUOTED_IDENTIFIER ON
GO

CREATE VIEW [dbo].[order_totals]
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
               FROM dbo.payments GROUP BY order_id) AS p ON p.order_id = o.id
GO

-- For the invoice and the reminder mail.
CREATE FUNCTION [dbo].[open_amount] (@order_no nvarchar(20))
RETURNS decimal(12, 2)
AS
BEGIN
    RETURN (SELECT t.[open] FROM dbo.order_totals AS t WHERE t.order_no = @order_no);
END
GO
