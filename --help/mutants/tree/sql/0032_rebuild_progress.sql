-- How far a rebuild of Redis is, in words; nothing when none is under way.

ALTER TABLE cache_state ADD COLUMN rebuild_step text;
