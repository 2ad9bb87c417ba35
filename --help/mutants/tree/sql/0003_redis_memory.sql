-- An alert when Redis's memory is half full.

ALTER TABLE alert DROP CONSTRAINT alert_kind_check;
ALTER TABLE alert ADD CONSTRAINT alert_kind_check
    CHECK (kind IN ('dead_letter', 'redis_settings', 'redis_memory', 'rebuild', 'scan_conflict', 'mail'));
