-- A status for orders that came back

INSERT INTO order_statuses (code, sort_order) VALUES ('returned', 40)
ON DUPLICATE KEY UPDATE sort_order = 40;
