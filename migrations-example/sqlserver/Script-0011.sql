-- Returns: which line came back, how many and why

CREATE TABLE dbo.[returns] (
    id            bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_returns PRIMARY KEY,
    order_line_id bigint NOT NULL CONSTRAINT FK_returns_order_line REFERENCES dbo.order_lines (id),
    warehouse_id  int NOT NULL CONSTRAINT FK_returns_warehouse REFERENCES dbo.warehouses (id),
    quantity      int NOT NULL CONSTRAINT CK_returns_quantity CHECK (quantity > 0),
    reason        nvarchar(1000) NOT NULL,
    received_at   datetime2(0) NOT NULL CONSTRAINT DF_returns_received_at DEFAULT (SYSUTCDATETIME())
);
CREATE INDEX IX_returns_order_line ON dbo.[returns] (order_line_id) INCLUDE (quantity);
GO

-- Until now a return was a cancelled order with a note. Its goods are back in
-- stock already: nothing is booked for these rows.
INSERT INTO dbo.[returns] (order_line_id, warehouse_id, quantity, reason, received_at)
SELECT l.id, w.id, l.quantity, LTRIM(SUBSTRING(o.note, LEN(N'returned:') + 1, 1000)), '2023-11-29T09:00:00'
  FROM dbo.orders AS o
  JOIN dbo.order_lines AS l ON l.order_id = o.id
  JOIN dbo.warehouses AS w ON w.code = N'COL'
 WHERE o.status = N'cancelled'
   AND o.note LIKE N'returned:%';

UPDATE dbo.orders
   SET status = N'returned'
 WHERE status = N'cancelled'
   AND note LIKE N'returned:%';
GO

CREATE INDEX IX_orders_returned ON dbo.orders (placed_at) WHERE status = N'returned';
GO

SET ANSI_NULLS ON
GO
SET QUOTED_IDENTIFIER ON
GO

CREATE PROCEDURE dbo.register_return
    @order_no       nvarchar(20),
    @position       int,
    @warehouse_code nchar(3),
    @quantity       int,
    @reason         nvarchar(1000)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;

    DECLARE @order_id bigint, @line_id bigint, @product_id bigint, @warehouse_id int;
    DECLARE @ordered int, @returned int, @message nvarchar(400);

    BEGIN TRY
        BEGIN TRANSACTION;

        -- Two parcels of the same order at the same time: the second one waits.
        SELECT @order_id = l.order_id,
               @line_id = l.id,
               @product_id = l.product_id,
               @ordered = l.quantity
          FROM dbo.order_lines AS l WITH (UPDLOCK)
          JOIN dbo.orders AS o ON o.id = l.order_id
         WHERE o.order_no = @order_no
           AND l.position = @position;

        SELECT @warehouse_id = id FROM dbo.warehouses WHERE code = @warehouse_code;

        IF @line_id IS NULL OR @warehouse_id IS NULL
            THROW 50002, N'There is no such order line or no such warehouse.', 1;

        SELECT @returned = COALESCE(SUM(quantity), 0)
          FROM dbo.[returns]
         WHERE order_line_id = @line_id;

        IF @returned + @quantity > @ordered
        BEGIN
            SET @message = CONCAT(N'More comes back than was ordered. Ordered: ', @ordered,
                                  N'; returned: ', @returned, N'; now: ', @quantity, N'.');
            THROW 50003, @message, 1;
        END;

        INSERT INTO dbo.[returns] (order_line_id, warehouse_id, quantity, reason)
        VALUES (@line_id, @warehouse_id, @quantity, @reason);

        INSERT INTO dbo.stock_movements (product_id, warehouse_id, change, reason, order_id)
        VALUES (@product_id, @warehouse_id, @quantity, N'return', @order_id);

        -- The order is returned when everything has come back.
        UPDATE dbo.orders
           SET status = N'returned'
         WHERE id = @order_id
           AND status = N'shipped'
           AND NOT EXISTS (SELECT 1
                             FROM dbo.order_lines AS l
                            WHERE l.order_id = @order_id
                              AND l.quantity > (SELECT COALESCE(SUM(r.quantity), 0)
                                                  FROM dbo.[returns] AS r
                                                 WHERE r.order_line_id = l.id));

        COMMIT TRANSACTION;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK TRANSACTION;
        THROW;
    END CATCH
END
GO

-- What was paid for a cancelled or returned order is owed to the customer: it
-- stays open, as a negative amount, until the refund is booked.
DROP VIEW IF EXISTS dbo.order_totals;
GO

CREATE VIEW dbo.order_totals
AS
SELECT o.id AS order_id,
       o.order_no,
       o.status,
       COALESCE(l.total, 0) AS total,
       COALESCE(p.paid, 0) AS paid,
       CASE
           WHEN o.status IN (N'cancelled', N'returned') THEN -COALESCE(p.paid, 0)
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
