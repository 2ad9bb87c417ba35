-- The tickets of a batch of applications are told to Redis together: one row names them all.

ALTER TABLE cache_outbox ADD COLUMN serials bigint[];
ALTER TABLE cache_outbox DROP CONSTRAINT cache_outbox_kind_check;
ALTER TABLE cache_outbox DROP CONSTRAINT cache_outbox_check;
ALTER TABLE cache_outbox ADD CONSTRAINT cache_outbox_kind_check CHECK (kind IN ('ticket', 'tickets', 'settings', 'answer'));
ALTER TABLE cache_outbox ADD CONSTRAINT cache_outbox_check
    CHECK ((kind = 'ticket') = (serial IS NOT NULL) AND (kind = 'tickets') = (serials IS NOT NULL));
