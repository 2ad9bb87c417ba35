-- Mass sendings of tickets: who is to get a mail, and how far mogirid has come with it.

CREATE TABLE mailing (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event       integer NOT NULL REFERENCES event,
    form        text,               -- what its applications were chosen by; none: all
    kind        text,
    mail_state  text CHECK (mail_state IN ('none', 'sent', 'failed', 'suppressed')),
    again       boolean NOT NULL,   -- those too whose tickets were sent or are on their way
    rate        integer NOT NULL CHECK (rate BETWEEN 1 AND 60000),  -- mails a minute at most
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'cancelled', 'done')),
    next_at     timestamptz NOT NULL DEFAULT now(),  -- before this the rate allows no more
    ordered_by  text NOT NULL DEFAULT coalesce(current_setting('mogiri.actor', true), ''),
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    CHECK ((state IN ('cancelled', 'done')) = (ended_at IS NOT NULL))
);
-- Two at once could send one person two mails.
CREATE UNIQUE INDEX mailing_open ON mailing (event) WHERE state IN ('running', 'paused');

CREATE TABLE mailing_entry (
    mailing      bigint NOT NULL REFERENCES mailing,
    application  text NOT NULL,
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'owed', 'skipped')),
    PRIMARY KEY (mailing, application)
);
CREATE INDEX mailing_entry_waiting ON mailing_entry (mailing, application) WHERE state = 'waiting';

-- The mails of a mailing are owed a few at a time, so that those of new tickets never stand behind them.
ALTER TABLE mail_outbox ADD COLUMN mailing bigint;
CREATE INDEX mail_outbox_mailing ON mail_outbox (mailing, state) WHERE mailing IS NOT NULL;

CREATE TRIGGER mailing_noted AFTER INSERT OR UPDATE OR DELETE ON mailing
    FOR EACH ROW WHEN (somebody_acts()) EXECUTE FUNCTION note_change('number');

-- Whether an application is one that a mailing may write to: it has a valid ticket and an address, and, unless told to again,
-- no mail with its tickets that was sent or is on its way.
CREATE FUNCTION may_be_mailed(of_event integer, of_application text, again boolean) RETURNS boolean LANGUAGE sql STABLE RETURN
    EXISTS (SELECT FROM application WHERE event = of_event AND id = of_application AND state = 'issued' AND email <> '')
    AND EXISTS (SELECT FROM ticket WHERE event = of_event AND application = of_application AND status = 'valid' AND NOT test)
    AND (again OR NOT EXISTS (SELECT FROM mail_outbox WHERE application = of_application AND kind = 'tickets'
                                AND state NOT IN ('failed', 'suppressed')));

-- Those that an order is about.
CREATE FUNCTION mailing_choice(of_event integer, of_form text, of_kind text, of_state text, again boolean) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
    SELECT id FROM application AS a
    WHERE event = of_event AND (of_form IS NULL OR form = of_form)
      AND (of_kind IS NULL OR EXISTS (SELECT FROM ticket WHERE ticket.event = of_event AND ticket.application = a.id
                                        AND ticket.kind = of_kind AND status = 'valid'))
      AND (of_state IS NULL OR of_state = coalesce((SELECT m.state FROM mail_outbox AS m WHERE m.application = a.id
                                                      AND m.kind = 'tickets' ORDER BY generation DESC LIMIT 1), 'none'))
      AND may_be_mailed(of_event, id, again)
$$;

-- How far each has come. `left` counts those of which nobody knows the end yet.
CREATE VIEW mailing_progress AS
SELECT figures.*, CASE WHEN state = 'running' THEN ceil("left" * 60.0 / coalesce(nullif(least(per_minute, rate), 0), rate))::bigint
                  END AS seconds_left
FROM (SELECT mailing.number AS mailing, event, form, kind, mail_state, again, rate, state, ordered_by, created_at, ended_at,
             total, done, failed, skipped, total - done - failed - skipped AS "left",
             CASE WHEN state = 'running' THEN
                 round(lately * 60 / greatest(1, least(60, extract(epoch FROM now() - created_at))))::bigint END AS per_minute
      FROM mailing
      CROSS JOIN LATERAL (SELECT count(*) AS total, count(*) FILTER (WHERE entry.state = 'skipped') AS skipped
                          FROM mailing_entry AS entry WHERE entry.mailing = mailing.number) AS entries
      CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE m.state = 'sent') AS done,
                                 count(*) FILTER (WHERE m.state IN ('failed', 'suppressed')) AS failed,
                                 count(*) FILTER (WHERE m.ended_at > now() - interval '1 minute') AS lately
                          FROM mail_outbox AS m WHERE m.mailing = mailing.number) AS mails) AS figures;
