-- Erasing: one person's data, or all of an event whose time is over. What is counted stays, whom it was about goes.

-- Every order, by whom and how far it has come. It holds numbers, and never whose data it was.
CREATE TABLE erasure (
    number        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('person', 'event')),
    event         integer REFERENCES event,  -- none: a person at all events
    ordered_by    text NOT NULL,
    ordered_at    timestamptz NOT NULL DEFAULT now(),
    cursor        text NOT NULL DEFAULT '',  -- of an event: up to this application it is done
    last_change   bigint NOT NULL DEFAULT 0, -- of cache_outbox: what is up to it must have been published
    swept_at      timestamptz,               -- the ledger has forgotten
    done_at       timestamptz,               -- Redis and what lies on disks, too
    applications  bigint NOT NULL DEFAULT 0,
    tickets       bigint NOT NULL DEFAULT 0,
    mails         bigint NOT NULL DEFAULT 0,
    users         bigint NOT NULL DEFAULT 0,
    roster        bigint NOT NULL DEFAULT 0,
    letters       bigint NOT NULL DEFAULT 0,  -- dead ones
    calls         bigint NOT NULL DEFAULT 0,
    audit_rows    bigint NOT NULL DEFAULT 0,
    CHECK (kind = 'person' OR event IS NOT NULL),
    CHECK (done_at IS NULL OR swept_at IS NOT NULL)
);
CREATE INDEX erasure_open ON erasure (number) WHERE done_at IS NULL;

-- What lies outside of the ledger and must go, by ids: answers in Redis, sessions, mails that the transport still has. A row
-- goes when that is so.
CREATE TABLE erasure_rest (
    erasure  bigint NOT NULL REFERENCES erasure,
    event    integer NOT NULL,  -- 0: of no event
    kind     text NOT NULL CHECK (kind IN ('application', 'call', 'mail', 'account')),
    id       text NOT NULL,
    PRIMARY KEY (erasure, kind, event, id)
);

-- What a row of the audit log tells without saying of whom. The names stay: which of them were changed is no secret.
CREATE FUNCTION without_person(told jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE RETURN
    CASE WHEN told IS NOT NULL THEN
        (SELECT coalesce(jsonb_object_agg(key, CASE WHEN key = ANY (ARRAY['name', 'email', 'address', 'applicant', 'fields',
             'guests', 'guest_name', 'recipient', 'last_text', 'reason', 'id', 'class']) THEN 'null' ELSE value END), '{}')
         FROM jsonb_each(told)) END;

-- The one change that the audit log allows: values of erased rows go, and where an erased person acted from. Who, when and
-- what stay. mogirid's role has no right to change the log; this runs with the rights of its owner, for those who may
-- erase applications.
CREATE FUNCTION erase_from_audit(subjects text[], actors text[], of_event integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    blanked bigint;
BEGIN
    IF NOT has_table_privilege(session_user, 'application', 'UPDATE') THEN
        RAISE EXCEPTION 'erasing is for those who may change applications' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('mogiri.erasing', 'on', true);
    UPDATE audit SET before = without_person(before), after = without_person(after),
                     origin = CASE WHEN actor = ANY (actors) THEN '' ELSE origin END
    WHERE (subject = ANY (subjects) OR actor = ANY (actors)) AND (of_event IS NULL OR event = of_event)
      AND (before IS NOT NULL OR after IS NOT NULL OR origin <> '');
    GET DIAGNOSTICS blanked = ROW_COUNT;
    PERFORM set_config('mogiri.erasing', '', true);
    RETURN blanked;
END $$;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION erase_from_audit(text[], text[], integer) SET search_path = %I, pg_temp', current_schema());
END $$;

-- Applications, with all that hangs on them. The door is told of tickets without names; those that are valid stay valid.
CREATE FUNCTION erase_applications(of_erasure bigint, ids text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    acting CONSTANT text := coalesce(current_setting('mogiri.actor', true), '');
    n_applications bigint; n_tickets bigint; n_mails bigint; n_letters bigint;
    row_id bigint;
BEGIN
    PERFORM set_config('mogiri.actor', '', true);  -- what goes must not be noted while it goes
    PERFORM FROM application WHERE id = ANY (ids) ORDER BY id FOR UPDATE;
    PERFORM FROM ticket WHERE application = ANY (ids) ORDER BY event, serial FOR UPDATE;

    INSERT INTO erasure_rest SELECT of_erasure, event, 'application', id FROM application WHERE id = ANY (ids)
    UNION SELECT of_erasure, event, 'application', application FROM dead_letter WHERE application = ANY (ids)
    UNION ALL SELECT of_erasure, event, 'mail', message_id FROM mail_outbox
              WHERE application = ANY (ids) AND message_id IS NOT NULL
    ON CONFLICT DO NOTHING;

    DELETE FROM applicant USING application AS a
    WHERE a.id = ANY (ids) AND applicant.event = a.event AND applicant.form = a.form AND applicant.applicant = a.applicant;
    UPDATE application SET
        applicant = '', email = '', fields = '{}', guests = '[]', body_hash = repeat('0', 32),
        state = CASE WHEN state IN ('unconfirmed', 'awaiting_approval', 'waiting') THEN 'cancelled' ELSE state END,
        code = CASE WHEN state IN ('unconfirmed', 'awaiting_approval', 'waiting') THEN 'cancelled' ELSE code END,
        tickets = CASE WHEN state IN ('unconfirmed', 'awaiting_approval', 'waiting') THEN 0 ELSE tickets END,
        confirm_by = NULL, place = NULL
    WHERE id = ANY (ids);
    GET DIAGNOSTICS n_applications = ROW_COUNT;
    UPDATE application_change SET reason = '' WHERE application = ANY (ids) AND reason <> '';

    UPDATE ticket_change SET reason = '' FROM ticket
    WHERE ticket.application = ANY (ids) AND ticket_change.event = ticket.event AND ticket_change.serial = ticket.serial
      AND ticket_change.reason <> '';
    UPDATE scan SET reason = NULL FROM ticket  -- what supervisors said at the door
    WHERE ticket.application = ANY (ids) AND scan.event = ticket.event AND scan.serial = ticket.serial AND scan.reason IS NOT NULL;
    UPDATE ticket SET guest_name = '', version = version + 1 WHERE application = ANY (ids);
    GET DIAGNOSTICS n_tickets = ROW_COUNT;
    FOR row_id IN
        INSERT INTO cache_outbox (event, kind, serials)
        SELECT event, 'tickets', array_agg(serial ORDER BY serial) FROM ticket WHERE application = ANY (ids) GROUP BY event
        RETURNING id
    LOOP
        UPDATE erasure SET last_change = greatest(last_change, row_id) WHERE number = of_erasure;
    END LOOP;
    PERFORM pg_notify('mogiri_cache', '');

    -- A mail that is being delivered at this moment ends as it ends.
    UPDATE mail_outbox SET recipient = '', last_text = NULL,
        state = CASE WHEN state IN ('pending', 'retry', 'unknown') THEN 'suppressed' ELSE state END,
        ended_at = CASE WHEN state IN ('pending', 'retry', 'unknown') THEN now() ELSE ended_at END,
        next_at = CASE WHEN state IN ('pending', 'retry', 'unknown') THEN NULL ELSE next_at END
    WHERE application = ANY (ids) AND recipient <> '';
    GET DIAGNOSTICS n_mails = ROW_COUNT;

    DELETE FROM job_fault WHERE application = ANY (ids);
    UPDATE dead_letter SET payload = '', reason = '', resolved_at = coalesce(resolved_at, now())
    WHERE application = ANY (ids) AND payload <> '';
    GET DIAGNOSTICS n_letters = ROW_COUNT;

    UPDATE erasure SET applications = applications + n_applications, tickets = tickets + n_tickets, mails = mails + n_mails,
        letters = letters + n_letters, audit_rows = audit_rows
            + erase_from_audit((SELECT array_agg('application ' || id) FROM unnest(ids) AS id),
                               (SELECT array_agg('application:' || id) FROM unnest(ids) AS id), NULL)
            + erase_from_audit((SELECT array_agg('mail outbox ' || id) FROM mail_outbox WHERE application = ANY (ids)), '{}', NULL)
            + coalesce((SELECT sum(erase_from_audit(subjects, '{}', of_event))
                        FROM (SELECT event AS of_event, array_agg('ticket ' || serial) AS subjects FROM ticket
                              WHERE application = ANY (ids) GROUP BY event) AS tickets), 0)
    WHERE number = of_erasure;
    PERFORM set_config('mogiri.actor', acting, true);
END $$;

-- Answers of calls that tell of somebody: by who asked, or by what stands in them.
CREATE FUNCTION erase_calls(of_erasure bigint, actors text[], words text[], of_event integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    n_calls bigint;
BEGIN
    WITH told AS (
        UPDATE call SET body = '{}'
        WHERE body <> '{}' AND (event = of_event OR actor = ANY (actors)
              OR EXISTS (SELECT FROM unnest(words) AS word WHERE word <> '' AND strpos(lower(body), lower(word)) > 0))
        RETURNING event, id)
    INSERT INTO erasure_rest SELECT of_erasure, event, 'call', id FROM told ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS n_calls = ROW_COUNT;
    UPDATE erasure SET calls = calls + n_calls WHERE number = of_erasure;
END $$;

-- What is left of an event when its applications are erased: applicants, rosters, letters and mails of applications that were
-- never decided, and what calls have answered there.
CREATE FUNCTION erase_event_rest(of_erasure bigint, of_event integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    n_roster bigint;
BEGIN
    PERFORM erase_applications(of_erasure, ARRAY(
        SELECT application FROM dead_letter WHERE event = of_event AND payload <> '' AND application <> ''
        UNION SELECT application FROM mail_outbox WHERE event = of_event AND recipient <> '' AND application NOT LIKE 'link:%'));
    UPDATE dead_letter SET payload = '', reason = '', resolved_at = coalesce(resolved_at, now())
    WHERE event = of_event AND payload <> '';
    DELETE FROM job_fault WHERE event = of_event;
    DELETE FROM applicant WHERE event = of_event;
    DELETE FROM roster_entry WHERE event = of_event;
    GET DIAGNOSTICS n_roster = ROW_COUNT;
    UPDATE erasure SET roster = roster + n_roster WHERE number = of_erasure;
    PERFORM erase_calls(of_erasure, '{}', '{}', of_event);
END $$;

-- An account, with its links and their mails. Its number stays in the audit log.
CREATE FUNCTION erase_account(of_erasure bigint, account_number bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    acting CONSTANT text := coalesce(current_setting('mogiri.actor', true), '');
    links CONSTANT text[] := ARRAY(SELECT 'link:' || number FROM account_link WHERE account = account_number);
    n_mails bigint;
BEGIN
    PERFORM set_config('mogiri.actor', '', true);
    INSERT INTO erasure_rest SELECT of_erasure, event, 'mail', message_id FROM mail_outbox
    WHERE application = ANY (links) AND message_id IS NOT NULL
    UNION ALL SELECT of_erasure, 0, 'account', account_number::text ON CONFLICT DO NOTHING;
    UPDATE mail_outbox SET recipient = '', last_text = NULL,
        state = CASE WHEN state IN ('pending', 'retry', 'unknown') THEN 'suppressed' ELSE state END,
        ended_at = CASE WHEN state IN ('pending', 'retry', 'unknown') THEN now() ELSE ended_at END,
        next_at = CASE WHEN state IN ('pending', 'retry', 'unknown') THEN NULL ELSE next_at END
    WHERE application = ANY (links) AND recipient <> '';
    GET DIAGNOSTICS n_mails = ROW_COUNT;
    DELETE FROM account WHERE number = account_number;
    UPDATE erasure SET users = users + 1, mails = mails + n_mails, audit_rows = audit_rows
        + erase_from_audit(ARRAY['account ' || account_number, 'account role ' || account_number,
                                 'account ' || account_number || ' refused'],
                           ARRAY['account:' || account_number], NULL)
        + erase_from_audit((SELECT array_agg('mail outbox ' || id) FROM mail_outbox WHERE application = ANY (links)), '{}', NULL)
    WHERE number = of_erasure;
    PERFORM set_config('mogiri.actor', acting, true);
END $$;

-- When the data of an event is to go: its days are over for so long, or it has stood here for so long, whichever is later.
-- Nothing where it is kept for ever (0), and while a forced day says that somebody is trying it.
CREATE FUNCTION retention_end(definition jsonb, created timestamptz) RETURNS timestamptz LANGUAGE sql STABLE RETURN
    CASE WHEN coalesce((definition ->> 'retention_days')::integer, 90) > 0
              AND coalesce((definition ->> 'forced_day')::integer, 0) = 0 THEN
        greatest(created, (SELECT max((day ->> 'date')::date + 1) FROM jsonb_array_elements(definition -> 'day') AS day)::timestamp
                          AT TIME ZONE coalesce(definition ->> 'time_zone', 'Asia/Tokyo'))
        + make_interval(days => coalesce((definition ->> 'retention_days')::integer, 90)) END;

-- The ones whose time has come and that were not erased since.
CREATE VIEW retention AS
SELECT number AS event, slug, coalesce((definition ->> 'retention_days')::integer, 90) AS days,
       (SELECT max((day ->> 'date')::date) FROM jsonb_array_elements(definition -> 'day') AS day) AS last_day,
       retention_end(definition, created_at) AS ends_at,
       (SELECT max(ordered_at) FROM erasure WHERE kind = 'event' AND erasure.event = event.number) AS erased_at
FROM event;
