class NoteOnOrders < ActiveRecord::Migration[6.1]
  def up
    execute <<~'SQL'
      ALTER TABLE orders ADD COLUMN note TEXT;
      CREATE UNIQUE INDEX ux_customers_email ON customers (email) WHERE email IS NOT NULL;
    SQL
  end

  def down
    execute <<~'SQL'
      DROP INDEX ux_customers_email;
      ALTER TABLE orders DROP COLUMN note;
    SQL
  end
end
