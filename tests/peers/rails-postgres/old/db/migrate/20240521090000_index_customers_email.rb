class IndexCustomersEmail < ActiveRecord::Migration[6.1]
  disable_ddl_transaction!

  def up
    execute <<~'SQL'
      CREATE INDEX CONCURRENTLY ix_customers_email ON customers (email)
    SQL
  end

  def down
    execute <<~'SQL'
      DROP INDEX CONCURRENTLY ix_customers_email
    SQL
  end
end
