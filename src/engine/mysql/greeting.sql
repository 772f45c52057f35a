SELECT VERSION(), CONNECTION_ID(), SUBSTRING_INDEX(USER(), '@', 1), @@max_allowed_packet, @@lower_case_table_names,
       @@global.sql_mode
