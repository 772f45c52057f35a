class IndexOrdersByCustomer < ActiveRecord::Migration[6.1]
  def change
    add_index :orders, :customer_id, name: 'ix_orders_customer'
  end
end
