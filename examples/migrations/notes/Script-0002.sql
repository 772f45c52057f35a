-- When a note was written
ALTER TABLE note ADD COLUMN written_at text;
