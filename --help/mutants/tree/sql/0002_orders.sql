-- What a sysadmin orders by mogirictl and mogirid carries out, and why tickets changed.

-- The rows stay: they tell who wanted what, and when it happened.
CREATE TABLE job_order (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('retry', 'bury')),
    event       integer NOT NULL REFERENCES event,
    stream_id   text NOT NULL CHECK (stream_id ~ '^[0-9]+-[0-9]+$'),  -- of the job, also when it is a dead letter now
    reason      text NOT NULL,
    ordered_at  timestamptz NOT NULL DEFAULT now(),
    done_at     timestamptz,
    outcome     text CHECK (outcome IN ('done', 'decided', 'gone')),
    CHECK ((done_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX job_order_open ON job_order (event, stream_id, kind) WHERE done_at IS NULL;
CREATE INDEX job_order_job ON job_order (event, stream_id);

-- An application with a letter that is not resolved is answered `failed`, whoever still has its job in hand.
CREATE INDEX dead_letter_open ON dead_letter (application) WHERE resolved_at IS NULL;

-- Why a ticket has the version that it has.
CREATE TABLE ticket_change (
    event       integer NOT NULL,
    serial      bigint NOT NULL,
    version     bigint NOT NULL CHECK (version > 1),
    kind        text NOT NULL CHECK (kind IN ('revoked')),
    reason      text NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event, serial, version),
    FOREIGN KEY (event, serial) REFERENCES ticket
);

-- Times as mogirictl tells them.
CREATE FUNCTION iso(moment timestamptz) RETURNS text LANGUAGE sql STABLE
    RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
CREATE FUNCTION age_ms(moment timestamptz) RETURNS bigint LANGUAGE sql STABLE
    RETURN (extract(epoch FROM now() - moment) * 1000)::bigint;
