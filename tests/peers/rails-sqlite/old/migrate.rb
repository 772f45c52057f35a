# What "rails db:migrate" does, without the rest of Rails: ruby migrate.rb [VERSION]
require "active_record"
ActiveRecord::Base.establish_connection(ENV.fetch("DATABASE_URL"))
ActiveRecord::Base.connection.execute("SELECT 1")
context = ActiveRecord::MigrationContext.new("db/migrate", ActiveRecord::SchemaMigration)
context.migrate(ARGV[0]&.to_i)

# db/structure.sql, as with config.active_record.schema_format = :sql
require "active_record/tasks/database_tasks"
config = ActiveRecord::Base.connection_db_config
ActiveRecord::Tasks::DatabaseTasks.root = Dir.pwd
ActiveRecord::Tasks::DatabaseTasks.structure_dump(config, "db/structure.sql")
File.open("db/structure.sql", "a") { |f| f << ActiveRecord::Base.connection.dump_schema_information << "
" }
