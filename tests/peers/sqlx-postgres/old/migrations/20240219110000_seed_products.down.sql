DELETE FROM order_lines;
DELETE FROM orders;
DELETE FROM customers;
DELETE FROM products;
