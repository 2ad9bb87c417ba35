-- Applications that wait: for their address to be confirmed, for an organiser's approval, for places.

ALTER TABLE application DROP CONSTRAINT application_state_check, DROP CONSTRAINT application_check;
ALTER TABLE application
    ADD COLUMN confirm_by timestamptz,                  -- of an unconfirmed one: when its link is good no more
    ADD COLUMN place bigint,                            -- of a waiting one: in the waiting list
    ADD COLUMN version bigint NOT NULL DEFAULT 0,       -- raised by every change that its answer tells
    ADD CONSTRAINT application_state_check
        CHECK (state IN ('unconfirmed', 'awaiting_approval', 'waiting', 'issued', 'refused', 'cancelled')),
    ADD CONSTRAINT application_check CHECK ((state = 'issued' AND code IS NULL AND tickets > 0)
        OR (state IN ('unconfirmed', 'awaiting_approval', 'waiting') AND code = state AND tickets > 0)  -- asked for
        OR (state = 'refused' AND code IS NOT NULL AND tickets = 0)
        OR (state = 'cancelled' AND code = 'cancelled' AND tickets = 0)),
    ADD CONSTRAINT application_confirm_by CHECK ((state = 'unconfirmed') = (confirm_by IS NOT NULL)),
    ADD CONSTRAINT application_place CHECK ((state = 'waiting') = (place IS NOT NULL));
CREATE SEQUENCE waiting_place;
CREATE INDEX application_unconfirmed ON application (confirm_by) WHERE state = 'unconfirmed';
CREATE INDEX application_awaiting ON application (event, form) WHERE state = 'awaiting_approval';
CREATE INDEX application_waiting ON application (event, form, place) WHERE state = 'waiting';

CREATE FUNCTION count_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER application_answer BEFORE UPDATE ON application FOR EACH ROW
    WHEN ((OLD.state, OLD.code, OLD.tickets) IS DISTINCT FROM (NEW.state, NEW.code, NEW.tickets))
    EXECUTE FUNCTION count_answer();

ALTER TABLE application_change DROP CONSTRAINT application_change_kind_check;
ALTER TABLE application_change ADD CONSTRAINT application_change_kind_check
    CHECK (kind IN ('cancelled', 'tickets_added', 'confirmed', 'lapsed', 'approved', 'rejected', 'moved_up'));

ALTER TABLE mail_outbox DROP CONSTRAINT mail_outbox_kind_check;
ALTER TABLE mail_outbox ADD CONSTRAINT mail_outbox_kind_check
    CHECK (kind IN ('tickets', 'failed', 'unconfirmed', 'awaiting_approval', 'waiting', 'rejected'));

-- Who keeps the waiting list hears where places may have come free, and of who came to wait.
CREATE FUNCTION tell_of_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('mogiri_places', '');
    RETURN NULL;
END $$;
CREATE TRIGGER application_waits AFTER INSERT ON application FOR EACH ROW
    WHEN (NEW.state = 'waiting') EXECUTE FUNCTION tell_of_places();
CREATE TRIGGER application_moved AFTER UPDATE OF state ON application FOR EACH ROW
    WHEN (OLD.state = 'awaiting_approval' OR NEW.state = 'waiting') EXECUTE FUNCTION tell_of_places();
CREATE TRIGGER ticket_given_back AFTER UPDATE OF status ON ticket FOR EACH ROW
    WHEN (OLD.status = 'valid' AND NEW.status <> 'valid') EXECUTE FUNCTION tell_of_places();
CREATE TRIGGER event_altered AFTER UPDATE OF definition ON event FOR EACH ROW EXECUTE FUNCTION tell_of_places();
