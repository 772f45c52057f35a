class CreateCustomers < ActiveRecord::Migration[6.1]
  def change
    create_table :customers do |t|
      t.text :name, null: false
      t.text :phone
    end
  end
end
