class RenameCustomersName < ActiveRecord::Migration[6.1]
  def change
    rename_column :customers, :name, :full_name
  end
end
