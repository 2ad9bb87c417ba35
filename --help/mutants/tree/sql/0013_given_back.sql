-- Admissions that staff gave back, since the event began; and how many of them the day's `inside` knows of, as the drained
-- scan log tells. Redis hears of the others yet, or a rebuild takes them in.

ALTER TABLE ticket_day
    ADD COLUMN given_back integer NOT NULL DEFAULT 0 CHECK (given_back BETWEEN 0 AND 65535),
    ADD COLUMN given_back_known integer NOT NULL DEFAULT 0 CHECK (given_back_known BETWEEN 0 AND given_back);
CREATE INDEX ticket_day_given_back ON ticket_day (event) WHERE given_back > given_back_known;
