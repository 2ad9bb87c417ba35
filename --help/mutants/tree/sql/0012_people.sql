-- People who log in, programs with keys, and the record of who changed what.

-- `role`: what somebody may do at every event; none: only what account_role says.
ALTER TABLE account ALTER COLUMN role DROP NOT NULL;
ALTER TABLE account
    ADD COLUMN language text NOT NULL DEFAULT 'ja' CHECK (language IN ('ja', 'en')),
    ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0),  -- raised by every change, for If-Match
    ADD COLUMN disabled_at timestamptz,
    ADD COLUMN last_login_at timestamptz;

CREATE TABLE account_role (
    account  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    event    integer NOT NULL REFERENCES event,
    role     text NOT NULL CHECK (role IN ('student', 'teacher', 'scanner', 'supervisor', 'staff', 'admin')),
    PRIMARY KEY (account, event)
);

-- Keys of programs: a role, at one event or at all, narrowed to scopes such as "ticket:read".
CREATE TABLE api_key (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL,
    event       integer REFERENCES event,
    role        text NOT NULL CHECK (role IN ('scanner', 'supervisor', 'staff', 'admin')),
    scopes      text[] NOT NULL CHECK (cardinality(scopes) > 0),
    key_hash    text NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    revoked_at  timestamptz
);
CREATE UNIQUE INDEX api_key_name ON api_key (name) WHERE revoked_at IS NULL;

-- Links by mail with which somebody sets a password: once, within the hour. The mail holds the link's number under a
-- seal made with the master keys; nothing that is stored lets anybody in.
CREATE TABLE account_link (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account     bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('invitation', 'reset')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL DEFAULT now() + interval '1 hour',
    used_at     timestamptz
);
CREATE INDEX account_link_account ON account_link (account, created_at);

-- Mails with such links; their rows' `application` is "link:<number>".
ALTER TABLE mail_outbox DROP CONSTRAINT mail_outbox_kind_check;
ALTER TABLE mail_outbox ADD CONSTRAINT mail_outbox_kind_check CHECK (kind ~ '^[a-z_]{1,32}$');

-- Who did what to what, before and after, from where. It is only written to.
CREATE TABLE audit (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor    text NOT NULL,  -- "account:1", "key:2", "application:<id>", "mogirictl:<user>"
    origin   text NOT NULL,  -- the address that it came from; empty: not known
    verb     text NOT NULL,  -- "ticket.revoke"
    event    integer,
    subject  text NOT NULL,  -- "ticket 42"
    before   jsonb,          -- of a change, only what differs
    after    jsonb
);
CREATE INDEX audit_subject ON audit (subject, id);
CREATE INDEX audit_actor ON audit (actor, id);

CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Erasing a person's data is the one reason to touch what was written.
    IF coalesce(current_setting('mogiri.erasing', true), '') <> 'on' THEN
        RAISE EXCEPTION 'the audit log is only written to' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();

-- Writes a row of `audit` for a changed row, for whom the transaction has named. The argument is the column that
-- names the row.
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    hidden CONSTANT text[] := ARRAY['password_hash', 'key_hash', 'body_hash', 'updated_at', 'last_login_at', 'state_since'];
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - hidden END;
    now_is jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - hidden END;
    one jsonb := coalesce(now_is, was);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT coalesce(jsonb_object_agg(key, value), '{}') INTO was
        FROM jsonb_each(was) WHERE value IS DISTINCT FROM now_is -> key;
        SELECT coalesce(jsonb_object_agg(key, now_is -> key), '{}') INTO now_is FROM jsonb_object_keys(was) AS key;
    END IF;
    INSERT INTO audit (actor, origin, verb, event, subject, before, after)
    VALUES (current_setting('mogiri.actor'), coalesce(current_setting('mogiri.origin', true), ''),
            coalesce(current_setting('mogiri.verb', true), ''),
            CASE TG_TABLE_NAME WHEN 'event' THEN (one ->> 'number')::integer ELSE (one ->> 'event')::integer END,
            replace(TG_TABLE_NAME, '_', ' ') || ' ' || (one ->> TG_ARGV[0]), was, now_is);
    RETURN NULL;
END $$;

-- Who acts has a name only where a person or a program has asked for it: the road's own work is not noted.
CREATE FUNCTION somebody_acts() RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(current_setting('mogiri.actor', true), '') <> '';

CREATE TRIGGER account_noted AFTER INSERT OR UPDATE OR DELETE ON account
    FOR EACH ROW WHEN (somebody_acts()) EXECUTE FUNCTION note_change('number');
CREATE TRIGGER account_role_noted AFTER INSERT OR UPDATE OR DELETE ON account_role
    FOR EACH ROW WHEN (somebody_acts()) EXECUTE FUNCTION note_change('account');
CREATE TRIGGER api_key_noted AFTER INSERT OR UPDATE OR DELETE ON api_key
    FOR EACH ROW WHEN (somebody_acts()) EXECUTE FUNCTION note_change('number');
CREATE TRIGGER device_noted AFTER INSERT OR UPDATE OR DELETE ON device
    FOR EACH ROW WHEN (somebody_acts()) EXECUTE FUNCTION note_change('number');
CREATE TRIGGER event_noted AFTER INSERT OR UPDATE OR DELETE ON event
    FOR EACH ROW WHEN (somebody_acts()) EXECUTE FUNCTION note_change('number');
CREATE TRIGGER application_noted AFTER UPDATE OR DELETE ON application
    FOR EACH ROW WHEN (somebody_acts()) EXECUTE FUNCTION note_change('id');
CREATE TRIGGER ticket_noted AFTER INSERT OR UPDATE OR DELETE ON ticket
    FOR EACH ROW WHEN (somebody_acts()) EXECUTE FUNCTION note_change('serial');
CREATE TRIGGER mail_noted AFTER INSERT ON mail_outbox
    FOR EACH ROW WHEN (somebody_acts()) EXECUTE FUNCTION note_change('id');

-- As searches compare texts: widths, cases, hiragana and katakana are all one.
CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    translate(lower(normalize($1, NFKC)),
              'ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶ',
              'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔゕゖ');
