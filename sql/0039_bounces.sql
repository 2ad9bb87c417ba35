-- Mails that came back, and addresses that get none any more.

CREATE TABLE mail_bounce (
    number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mail      bigint NOT NULL REFERENCES mail_outbox,
    kind      text NOT NULL CHECK (kind IN ('hard', 'soft', 'complaint')),
    status    text NOT NULL,  -- of RFC 3463, or empty
    said      text NOT NULL,  -- the server's words
    source    text NOT NULL CHECK (source IN ('dsn', 'text', 'ses')),
    noted_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (mail, kind)       -- told twice, noted once
);

-- One in force for an address; those that were lifted stay, for they tell who did it.
CREATE TABLE mail_suppression (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event       integer NOT NULL REFERENCES event,  -- of the mail that came back
    mail        bigint NOT NULL REFERENCES mail_outbox,
    address     text NOT NULL,  -- as it is compared
    email       text NOT NULL,  -- as it was written to
    kind        text NOT NULL CHECK (kind IN ('hard', 'complaint')),
    reason      text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    lifted_at   timestamptz
);
CREATE UNIQUE INDEX mail_suppression_address ON mail_suppression (address) WHERE lifted_at IS NULL;
CREATE INDEX mail_suppression_mail ON mail_suppression (mail);
CREATE INDEX mail_suppression_email ON mail_suppression (lower(email));
CREATE INDEX mail_outbox_provider ON mail_outbox (provider_id) WHERE provider_id IS NOT NULL;

CREATE TRIGGER mail_suppression_noted AFTER INSERT OR UPDATE OR DELETE ON mail_suppression
    FOR EACH ROW WHEN (somebody_acts()) EXECUTE FUNCTION note_change('number');

-- Who is erased leaves nothing here either, whoever erases the mail.
CREATE FUNCTION forget_bounces() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    acting CONSTANT text := coalesce(current_setting('mogiri.actor', true), '');
    subjects CONSTANT text[] := ARRAY(SELECT 'mail suppression ' || number FROM mail_suppression
                                      WHERE mail = OLD.id OR lower(email) = lower(OLD.recipient));
BEGIN
    UPDATE mail_bounce SET said = '' WHERE mail = OLD.id AND said <> '';
    IF subjects <> '{}' THEN
        PERFORM set_config('mogiri.actor', '', true);
        DELETE FROM mail_suppression WHERE mail = OLD.id OR lower(email) = lower(OLD.recipient);
        PERFORM set_config('mogiri.actor', acting, true);
        PERFORM erase_from_audit(subjects, '{}', NULL);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER bounces_go_with_the_address AFTER UPDATE OF recipient ON mail_outbox FOR EACH ROW
    WHEN (OLD.recipient <> '' AND NEW.recipient = '') EXECUTE FUNCTION forget_bounces();
