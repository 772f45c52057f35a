class Vacuum < ActiveRecord::Migration[6.1]
  disable_ddl_transaction!

  def up
    execute <<~'SQL'
      VACUUM
    SQL
  end

  def down
    execute <<~'SQL'
      SELECT 1
    SQL
  end
end
