-- The ledger of the road: events, applications, tickets, mail, the door's scans, and what is on its way to Redis.

CREATE TABLE event (
    number       integer PRIMARY KEY CHECK (number BETWEEN 1 AND 16777215),  -- three bytes of a ticket code
    slug         text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    definition   jsonb NOT NULL CHECK (jsonb_typeof(definition) = 'object'),
    version      bigint NOT NULL DEFAULT 1 CHECK (version > 0),              -- of the settings, devices included
    is_default   boolean NOT NULL DEFAULT false,
    state_since  timestamptz NOT NULL DEFAULT now(),  -- when the definition's "state" last changed
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX event_default ON event (is_default) WHERE is_default;

CREATE TABLE device (
    event       integer NOT NULL REFERENCES event,
    number      integer NOT NULL CHECK (number > 0),
    name        text NOT NULL,
    gate        integer NOT NULL CHECK (gate BETWEEN 0 AND 65535),
    profile     text NOT NULL CHECK (profile IN ('scanner', 'supervisor')),
    key_hash    text NOT NULL CHECK (key_hash ~ '^[0-9a-f]{64}$'),
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz,
    PRIMARY KEY (event, number),
    UNIQUE (event, key_hash)
);
CREATE UNIQUE INDEX device_name ON device (event, name) WHERE revoked_at IS NULL;

CREATE TABLE account (
    number         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text NOT NULL UNIQUE,
    email          text NOT NULL,
    address        text NOT NULL UNIQUE,  -- the email as it is compared
    role           text NOT NULL CHECK (role IN ('student', 'teacher', 'scanner', 'supervisor', 'staff', 'admin')),
    password_hash  text CHECK (password_hash LIKE '$argon2id$%'),  -- none: cannot log in
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
);

-- One person or office that applies: S2E12. One address belongs to one of them.
CREATE TABLE applicant (
    event       integer NOT NULL REFERENCES event,
    form        text NOT NULL,
    applicant   text NOT NULL,
    email       text NOT NULL,
    address     text NOT NULL,  -- the email as it is compared
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event, form, applicant),
    CONSTRAINT applicant_address UNIQUE (event, address)
);

-- Every decision stays, refusals too: the same submission gets the same answer.
CREATE TABLE application (
    id            text PRIMARY KEY CHECK (id ~ '^[A-Z2-7]{26}$'),
    event         integer NOT NULL REFERENCES event,
    form          text NOT NULL,
    applicant     text NOT NULL,
    state         text NOT NULL CHECK (state IN ('issued', 'refused')),
    code          text,  -- of a refusal
    tickets       integer NOT NULL,
    email         text NOT NULL,
    language      text NOT NULL CHECK (language IN ('ja', 'en')),
    fields        jsonb NOT NULL,
    guests        jsonb NOT NULL,
    body_hash     text NOT NULL CHECK (body_hash ~ '^[0-9a-f]{32}$'),
    submitted_at  timestamptz NOT NULL,
    decided_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'issued' AND code IS NULL AND tickets > 0)
        OR (state = 'refused' AND code IS NOT NULL AND tickets = 0))
);
CREATE INDEX application_applicant ON application (event, form, applicant);

-- Five bytes of a ticket code; numbers may be missing, never repeated.
CREATE SEQUENCE ticket_serial MINVALUE 1 MAXVALUE 1099511627775 NO CYCLE;

CREATE TABLE ticket (
    event        integer NOT NULL REFERENCES event,
    serial       bigint NOT NULL CHECK (serial BETWEEN 1 AND 1099511627775),
    application  text NOT NULL REFERENCES application,
    position     integer NOT NULL CHECK (position > 0),  -- 1 and up within the application
    kind         text NOT NULL,
    guest_name   text NOT NULL,
    reference    text NOT NULL CHECK (length(reference) = 8),
    key_id       smallint NOT NULL CHECK (key_id BETWEEN 0 AND 15),
    status       text NOT NULL DEFAULT 'valid' CHECK (status IN ('valid', 'revoked')),
    version      bigint NOT NULL DEFAULT 1 CHECK (version > 0),  -- raised by every change the door must know
    issued_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event, serial),
    UNIQUE (application, position),
    UNIQUE (event, reference)
);
CREATE INDEX ticket_kind ON ticket (event, kind);

-- What mails are owed. The stream {e}:mail only carries the numbers of these rows; the row is the truth.
--   pending → sending → sent | retry | unknown | failed | suppressed;  retry, unknown → sending
CREATE TABLE mail_outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event        integer NOT NULL REFERENCES event,
    application  text NOT NULL,  -- of a dead letter there is no row in application
    kind         text NOT NULL CHECK (kind IN ('tickets', 'failed')),
    generation   integer NOT NULL DEFAULT 1 CHECK (generation > 0),  -- raised by every deliberate resend
    recipient    text NOT NULL CHECK (recipient !~ '[[:cntrl:]<>]'),
    language     text NOT NULL CHECK (language IN ('ja', 'en')),
    state        text NOT NULL DEFAULT 'pending'
                 CHECK (state IN ('pending', 'sending', 'sent', 'retry', 'unknown', 'failed', 'suppressed')),
    lease_by     text,
    lease_until  timestamptz,
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    unknowns     integer NOT NULL DEFAULT 0 CHECK (unknowns >= 0),  -- deliveries whose end nobody knows
    next_at      timestamptz DEFAULT now(),  -- not before; none in a final state
    queued_at    timestamptz DEFAULT now(),  -- when it was last put into {e}:mail, by its writer or the sweep
    message_id   text UNIQUE,                -- made with the first attempt, the same for all
    provider_id  text,
    last_code    integer,
    last_text    text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    UNIQUE (application, kind, generation),
    CHECK ((state = 'sending') = (lease_by IS NOT NULL)),
    CHECK ((state = 'sending') = (lease_until IS NOT NULL)),
    CHECK ((state IN ('sent', 'failed', 'suppressed')) = (ended_at IS NOT NULL)),
    CHECK ((state IN ('pending', 'retry', 'unknown')) = (next_at IS NOT NULL)),
    CHECK (state IN ('pending', 'failed', 'suppressed') OR (attempts > 0 AND message_id IS NOT NULL))
);
CREATE INDEX mail_outbox_waiting ON mail_outbox (next_at) WHERE state IN ('pending', 'retry', 'unknown');
CREATE INDEX mail_outbox_leases ON mail_outbox (lease_until) WHERE state = 'sending';

-- What Redis must be told. A row goes when Redis has confirmed it; what is published is the row as it is then,
-- with its version, so a late or repeated publication changes nothing.
CREATE TABLE cache_outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event       integer NOT NULL REFERENCES event,
    kind        text NOT NULL CHECK (kind IN ('ticket', 'settings')),
    serial      bigint,
    due_at      timestamptz NOT NULL DEFAULT now(),  -- later where the writer publishes it itself
    created_at  timestamptz NOT NULL DEFAULT now(),
    CHECK ((kind = 'ticket') = (serial IS NOT NULL))
);
CREATE INDEX cache_outbox_due ON cache_outbox (due_at, id);

-- How far Redis is known to have come with an event: less than this there means that Redis lost time.
CREATE TABLE cache_state (
    event  integer PRIMARY KEY REFERENCES event,
    epoch  bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),  -- raised by every rebuild
    batch  bigint NOT NULL DEFAULT 0 CHECK (batch >= 0)   -- the highest that Redis has told
);

-- The scan log. A scan is one by (epoch of Redis's data, entry of the stream, place in the entry).
CREATE TABLE scan (
    event       integer NOT NULL,
    epoch       bigint NOT NULL,
    stream_ms   bigint NOT NULL,
    stream_seq  bigint NOT NULL,
    place       integer NOT NULL,
    serial      bigint NOT NULL,
    device      integer NOT NULL,
    gate        integer NOT NULL,
    direction   text NOT NULL CHECK (direction IN ('entry', 'exit')),
    outcome     smallint NOT NULL,
    at          timestamptz NOT NULL,
    day         smallint NOT NULL,
    cycle       integer NOT NULL,
    inside      smallint NOT NULL,
    flags       smallint NOT NULL,
    nonce       bytea NOT NULL CHECK (length(nonce) = 8),
    drained_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event, epoch, stream_ms, stream_seq, place)
);
CREATE INDEX scan_ticket ON scan (event, serial, epoch, stream_ms, stream_seq, place);

-- People let in, each once: the n-th admission of a ticket on a day.
CREATE TABLE admission (
    event       integer NOT NULL,
    serial      bigint NOT NULL,
    day         smallint NOT NULL,
    cycle       integer NOT NULL CHECK (cycle > 0),
    at          timestamptz NOT NULL,
    gate        integer NOT NULL,
    device      integer NOT NULL,
    epoch       bigint NOT NULL,
    stream_ms   bigint NOT NULL,
    stream_seq  bigint NOT NULL,
    place       integer NOT NULL,
    PRIMARY KEY (event, serial, day, cycle)
);

-- Where a ticket stands on a day, as of its last drained scan: what a rebuild of Redis starts from.
CREATE TABLE ticket_day (
    event         integer NOT NULL,
    serial        bigint NOT NULL,
    day           smallint NOT NULL,
    inside        smallint NOT NULL CHECK (inside BETWEEN 0 AND 255),
    cycle         integer NOT NULL CHECK (cycle BETWEEN 0 AND 65535),
    first_at      timestamptz,
    first_gate    integer,
    first_device  integer,
    PRIMARY KEY (event, serial, day)
);

-- Scans that contradict the ledger, for staff to look at; they never stop the drain.
CREATE TABLE scan_conflict (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event        integer NOT NULL,
    epoch        bigint NOT NULL,
    stream_ms    bigint NOT NULL,
    stream_seq   bigint NOT NULL,
    place        integer NOT NULL,
    serial       bigint NOT NULL,
    day          smallint NOT NULL,
    cycle        integer NOT NULL,
    reason       text NOT NULL CHECK (reason IN ('admitted_twice', 'unreadable')),
    gate         integer NOT NULL,
    other_gate   integer,
    unreadable   bytea,  -- the entry itself
    created_at   timestamptz NOT NULL DEFAULT now(),
    resolved_at  timestamptz,
    UNIQUE (event, epoch, stream_ms, stream_seq, place)
);

-- How often a job's own data was refused; outages do not count.
CREATE TABLE job_fault (
    event        integer NOT NULL,
    stream_id    text NOT NULL,
    application  text NOT NULL,
    faults       integer NOT NULL DEFAULT 1 CHECK (faults > 0),
    sqlstate     text NOT NULL,
    reason       text NOT NULL,
    last_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event, stream_id)
);

CREATE TABLE dead_letter (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event        integer NOT NULL,
    stream_id    text NOT NULL,
    application  text NOT NULL,
    payload      bytea NOT NULL,
    faults       integer NOT NULL,
    sqlstate     text NOT NULL,
    reason       text NOT NULL,
    buried_at    timestamptz NOT NULL DEFAULT now(),
    resolved_at  timestamptz,
    UNIQUE (event, stream_id)
);

-- What a person must look at. One open alert per kind and subject.
CREATE TABLE alert (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('dead_letter', 'redis_settings', 'rebuild', 'scan_conflict', 'mail')),
    subject     text NOT NULL,
    text        text NOT NULL,
    raised_at   timestamptz NOT NULL DEFAULT now(),
    cleared_at  timestamptz
);
CREATE UNIQUE INDEX alert_open ON alert (kind, subject) WHERE cleared_at IS NULL;
