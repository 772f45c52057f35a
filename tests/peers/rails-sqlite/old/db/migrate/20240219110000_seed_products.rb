class SeedProducts < ActiveRecord::Migration[6.1]
  def up
    execute <<~'SQL'
      INSERT INTO products (sku, title, price_cents) VALUES
          ('CUP-1', 'Cup; blue', 450),
          ('CUP-2', 'Cup, the potter''s -- red', 475),
          ('BOOK-1', 'The $5 cookbook', 500)
    SQL
    execute <<~'SQL'
      INSERT INTO customers (name, phone, email) VALUES ('Ada Lovelace', '+44 20 1', 'ada@example.com')
    SQL
    execute <<~'SQL'
      INSERT INTO customers (name, phone) VALUES ('Grace Hopper', NULL)
    SQL
    execute <<~'SQL'
      INSERT INTO orders (customer_id) VALUES (1)
    SQL
    execute <<~'SQL'
      INSERT INTO order_lines (order_id, product_id, quantity, price_cents) VALUES (1, 1, 2, 450), (1, 3, 1, 500)
    SQL
  end

  def down
    execute <<~'SQL'
      DELETE FROM order_lines
    SQL
    execute <<~'SQL'
      DELETE FROM orders
    SQL
    execute <<~'SQL'
      DELETE FROM customers
    SQL
    execute <<~'SQL'
      DELETE FROM products
    SQL
  end
end
