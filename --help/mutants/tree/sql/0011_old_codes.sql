-- Tickets of the system before: the codes that their holders have, the use that was made of them, and what was imported.

-- By digest: who reads the ledger learns no code that a door would take.
CREATE TABLE old_code (
    event   integer NOT NULL,
    digest  text NOT NULL CHECK (digest ~ '^[0-9a-f]{32}$'),
    serial  bigint NOT NULL,
    PRIMARY KEY (event, digest),
    UNIQUE (event, serial),
    FOREIGN KEY (event, serial) REFERENCES ticket
);

-- Why the event must be built anew in Redis though nothing was lost there: the totals of its days have changed.
ALTER TABLE cache_state ADD COLUMN rebuild_reason text;

-- Every import, dry runs apart.
CREATE TABLE flask_import (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event         integer NOT NULL REFERENCES event,
    ordered_by    text NOT NULL,    -- of the operating system
    source        text NOT NULL,    -- server and database, never a password
    applications  bigint NOT NULL,
    tickets       bigint NOT NULL,
    known         bigint NOT NULL,  -- tickets that an earlier import has taken
    uses          bigint NOT NULL,  -- tickets and days
    left_out      bigint NOT NULL,  -- rows
    imported_at   timestamptz NOT NULL DEFAULT now()
);
