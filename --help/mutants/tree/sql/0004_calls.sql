-- Calls: what nginx had mogirid do while a request waited; and what applicants do with the tickets that they have.

-- Written in the transaction that does it, so that a call which comes again is answered and not done again.
-- Refusals and reads are not noted: they did nothing.
CREATE TABLE call (
    id         text PRIMARY KEY CHECK (id ~ '^[A-Z2-7]{26}$'),
    event      integer NOT NULL REFERENCES event,
    verb       text NOT NULL,
    actor      text NOT NULL,
    body_hash  text NOT NULL CHECK (body_hash ~ '^[0-9a-f]{32}$'),
    status     integer NOT NULL CHECK (status BETWEEN 200 AND 299),
    body       text NOT NULL,
    serials    bigint[] NOT NULL,  -- of tickets that it changed: the door knows before anybody is answered
    done_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX call_done ON call (done_at);

-- A ticket whose name was corrected is followed by another one in its place.
ALTER TABLE ticket DROP CONSTRAINT ticket_application_position_key;
CREATE UNIQUE INDEX ticket_place ON ticket (application, position) WHERE status = 'valid';
CREATE INDEX ticket_application ON ticket (application, position);

ALTER TABLE ticket_change DROP CONSTRAINT ticket_change_kind_check;
ALTER TABLE ticket_change ADD CONSTRAINT ticket_change_kind_check
    CHECK (kind IN ('revoked', 'renamed', 'returned', 'restored'));

-- Tickets that their applicant gave back: they no longer count towards the limit.
ALTER TABLE application ADD COLUMN returned integer NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND tickets);
