class RaisePrices < ActiveRecord::Migration[6.1]
  def up
    execute <<~'SQL'
      UPDATE products SET price_cents = price_cents + 25 WHERE sku LIKE 'CUP-%';
    SQL
  end

  def down
    execute <<~'SQL'
      UPDATE products SET price_cents = price_cents - 25 WHERE sku LIKE 'CUP-%';
    SQL
  end
end
