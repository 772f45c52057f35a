-- A status for orders that came back

IF NOT EXISTS (SELECT 1 FROM dbo.order_statuses WHERE code = N'returned')
    INSERT INTO dbo.order_statuses (code, sort_order) VALUES (N'returned', 40);
