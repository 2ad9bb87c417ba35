-- What a burst of applications writes: its references to events are checked once for each statement and no longer
-- once for each row, and indexes go that nobody reads or that another one can stand for.

-- The half of a foreign key that who inserts meets: the event is there, and stays until the transaction is over.
CREATE FUNCTION require_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted integer;
BEGIN
    FOR wanted IN SELECT DISTINCT event FROM fresh LOOP
        PERFORM FROM event WHERE number = wanted FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE foreign_key_violation USING MESSAGE = format('%s: there is no event %s', TG_TABLE_NAME, wanted);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- A row stays with its event.
CREATE FUNCTION refuse_other_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation USING MESSAGE = format('%s: a row stays with its event', TG_TABLE_NAME);
END $$;

-- The other half: nobody takes an event away that has rows. Whoever inserts holds the event until commit, so they are seen.
CREATE FUNCTION keep_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM applicant WHERE event = OLD.number) OR EXISTS (SELECT FROM application WHERE event = OLD.number)
        OR EXISTS (SELECT FROM ticket WHERE event = OLD.number) OR EXISTS (SELECT FROM mail_outbox WHERE event = OLD.number) THEN
        RAISE foreign_key_violation USING MESSAGE = format('event %s has applications', OLD.number);
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    writing text;
BEGIN
    FOREACH writing IN ARRAY ARRAY['applicant', 'application', 'ticket', 'mail_outbox'] LOOP
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', writing, writing || '_event_fkey');
        EXECUTE format('CREATE TRIGGER event_is_there AFTER INSERT ON %I REFERENCING NEW TABLE AS fresh '
                       'FOR EACH STATEMENT EXECUTE FUNCTION require_events()', writing);
        EXECUTE format('CREATE TRIGGER event_stays BEFORE UPDATE OF event ON %I FOR EACH ROW '
                       'WHEN (OLD.event IS DISTINCT FROM NEW.event) EXECUTE FUNCTION refuse_other_event()', writing);
    END LOOP;
END $$;
CREATE TRIGGER event_has_no_rows AFTER DELETE ON event FOR EACH ROW EXECUTE FUNCTION keep_event();
CREATE TRIGGER event_keeps_its_number AFTER UPDATE OF number ON event FOR EACH ROW
    WHEN (OLD.number IS DISTINCT FROM NEW.number) EXECUTE FUNCTION keep_event();

-- kind_sales counts what this one was for.
DROP INDEX ticket_kind;
-- One in place of two: of valid tickets there is one in each place, and all of an application are found by it.
DROP INDEX ticket_application;
DROP INDEX ticket_place;
CREATE UNIQUE INDEX ticket_place ON ticket (application, position, (CASE status WHEN 'valid' THEN 0 ELSE serial END));
-- A mail has its id with its first attempt; until then there is nothing to be told apart.
ALTER TABLE mail_outbox DROP CONSTRAINT mail_outbox_message_id_key;
CREATE UNIQUE INDEX mail_outbox_message ON mail_outbox (message_id) WHERE message_id IS NOT NULL;
