-- Devices that take their key themselves, with a code for one use; and who changes a device or a key has seen it.

ALTER TABLE device
    ALTER COLUMN key_hash DROP NOT NULL,          -- none: not claimed yet
    ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0),  -- raised by every change, for If-Match
    ADD COLUMN last_seen_at timestamptz;          -- of a scan; up to a minute behind

-- A code that is waiting for its device. The row goes when it is used, so that two cannot use it.
CREATE TABLE device_claim (
    event     integer NOT NULL,
    device    integer NOT NULL,
    key_hash  text NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
    ends_at   timestamptz NOT NULL,
    PRIMARY KEY (event, device),
    FOREIGN KEY (event, device) REFERENCES device ON DELETE CASCADE
);

ALTER TABLE api_key ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0);
