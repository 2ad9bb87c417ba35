-- What staff change by command: applications are cancelled, tickets are issued and reissued.

ALTER TABLE application DROP CONSTRAINT application_state_check, DROP CONSTRAINT application_check;
ALTER TABLE application
    ADD CONSTRAINT application_state_check CHECK (state IN ('issued', 'refused', 'cancelled')),
    ADD CONSTRAINT application_check CHECK ((state = 'issued' AND code IS NULL AND tickets > 0)
        OR (state = 'refused' AND code IS NOT NULL AND tickets = 0)
        OR (state = 'cancelled' AND code = 'cancelled' AND tickets = 0));

-- What was done with an application, and why.
CREATE TABLE application_change (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application  text NOT NULL REFERENCES application,
    kind         text NOT NULL CHECK (kind IN ('cancelled', 'tickets_added')),
    reason       text NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX application_change_application ON application_change (application);

-- Answers that changed after they were given are published like tickets.
ALTER TABLE cache_outbox ADD COLUMN application text;
ALTER TABLE cache_outbox DROP CONSTRAINT cache_outbox_kind_check;
ALTER TABLE cache_outbox
    ADD CONSTRAINT cache_outbox_kind_check CHECK (kind IN ('ticket', 'settings', 'answer')),
    ADD CONSTRAINT cache_outbox_application_check CHECK ((kind = 'answer') = (application IS NOT NULL));
