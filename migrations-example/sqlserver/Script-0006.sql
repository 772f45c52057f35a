-- Keep the history of each order's status

CREATE TABLE dbo.order_events (
    id         bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_order_events PRIMARY KEY,
    order_id   bigint NOT NULL CONSTRAINT FK_order_events_order REFERENCES dbo.orders (id),
    old_status nvarchar(20) NULL,
    new_status nvarchar(20) NOT NULL,
    message    nvarchar(200) NOT NULL,
    by_user    nvarchar(128) NOT NULL CONSTRAINT DF_order_events_by_user DEFAULT (SUSER_SNAME()),
    [at]       datetime2(0) NOT NULL CONSTRAINT DF_order_events_at DEFAULT (SYSUTCDATETIME())
);
CREATE INDEX IX_order_events_order ON dbo.order_events (order_id, [at]);

-- For the orders we have, only the beginning is known.
INSERT INTO dbo.order_events (order_id, old_status, new_status, message, [at])
SELECT id, NULL, N'new', N'order placed', placed_at
  FROM dbo.orders
 ORDER BY id;
GO

CREATE TRIGGER dbo.TR_orders_placed ON dbo.orders
AFTER INSERT
AS
    SET NOCOUNT ON;

    INSERT INTO dbo.order_events (order_id, old_status, new_status, message)
    SELECT id, NULL, status, N'order placed'
      FROM inserted;
GO

CREATE TRIGGER dbo.TR_orders_status_changed ON dbo.orders
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;

    IF NOT UPDATE(status)
        RETURN;

    INSERT INTO dbo.order_events (order_id, old_status, new_status, message)
    SELECT i.id,
           d.status,
           i.status,
           CASE i.status
               WHEN N'paid'      THEN N'payment received'
               WHEN N'shipped'   THEN N'handed over to the carrier'
               WHEN N'cancelled' THEN N'cancelled; nothing will be sent'
               ELSE N'now "' + i.status + N'"'
           END
      FROM inserted AS i
      JOIN deleted AS d ON d.id = i.id
     WHERE i.status <> d.status;
END
GO
