CREATE INDEX ix_lines_product ON order_lines (product_id);
