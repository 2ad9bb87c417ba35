-- Statistics as data: what the door's scans amount to, kept up where scans and the use of tickets are written, and one
-- function that tells every figure.

-- The class of who applied, as the form's roster has it when the application comes; empty where there is none.
ALTER TABLE application ADD COLUMN class text NOT NULL DEFAULT '';
UPDATE application AS a SET class = found.class
FROM (SELECT application.id, coalesce((SELECT string_agg(fields->>name, '' ORDER BY place)
                           FROM event, jsonb_array_elements(definition->'form') AS f,
                                jsonb_array_elements_text(f->'roster'->'group') WITH ORDINALITY AS names (name, place)
                           WHERE number = application.event AND f->>'id' = application.form), listed.class) AS class
      FROM application LEFT JOIN roster_entry AS listed
           ON listed.event = application.event AND listed.form = application.form AND listed.id = applicant) AS found
WHERE a.id = found.id AND found.class IS NOT NULL;

-- How many valid tickets there are of a form, class and kind; as kind_sales, and locked after it.
CREATE TABLE group_sales (
    event  integer NOT NULL,
    form   text NOT NULL,
    class  text NOT NULL,
    kind   text NOT NULL,
    sold   bigint NOT NULL,
    PRIMARY KEY (event, form, class, kind)
);

CREATE FUNCTION quarter_of(moment timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE
    RETURN date_bin('15 minutes', moment, '2000-01-01 00:00+00');

-- People who came in and went out in a quarter of an hour, of which every time zone's hours are made. `day` is the
-- event's: the night after it belongs to it.
CREATE TABLE passage_count (
    event    integer NOT NULL,
    day      smallint NOT NULL,
    quarter  timestamptz NOT NULL,  -- its beginning
    gate     integer NOT NULL,
    form     text NOT NULL,
    class    text NOT NULL,
    kind     text NOT NULL,
    entries  bigint NOT NULL DEFAULT 0,
    exits    bigint NOT NULL DEFAULT 0,
    exit_ms  bigint NOT NULL DEFAULT 0,  -- the exits' times since the beginning, added up
    stays    bigint NOT NULL DEFAULT 0,  -- exits whose entry is known: the n-th exit of a ticket ends its n-th stay
    stay_ms  bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (event, day, quarter, gate, form, class, kind)
);

-- How often a ticket was let in, by day; what staff gave back does not count.
CREATE TABLE ticket_use (
    event   integer NOT NULL,
    serial  bigint NOT NULL,
    form    text NOT NULL,
    class   text NOT NULL,
    kind    text NOT NULL,
    valid   boolean NOT NULL,
    days    smallint[] NOT NULL,
    cycles  integer[] NOT NULL,  -- in the order of the days
    PRIMARY KEY (event, serial)
);

CREATE FUNCTION count_issued_groups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO group_sales AS sales (event, form, class, kind, sold)
    SELECT a.event, form, class, kind, count(*) FROM after JOIN application AS a ON a.id = application
    WHERE status = 'valid' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (event, form, class, kind) DO UPDATE SET sold = sales.sold + excluded.sold;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_issued_to_group AFTER INSERT ON ticket
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_issued_groups();

CREATE FUNCTION count_changed_groups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO group_sales AS sales (event, form, class, kind, sold)
    SELECT a.event, form, class, kind, sum(n)
    FROM (SELECT application, kind, 1 AS n FROM after WHERE status = 'valid'
          UNION ALL SELECT application, kind, -1 FROM before WHERE status = 'valid') AS changes
    JOIN application AS a ON a.id = application
    GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT (event, form, class, kind) DO UPDATE SET sold = sales.sold + excluded.sold;
    UPDATE ticket_use SET valid = (status = 'valid') FROM after
    WHERE ticket_use.event = after.event AND ticket_use.serial = after.serial AND valid <> (status = 'valid');
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_changed_in_group AFTER UPDATE ON ticket
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_changed_groups();

-- Rows of passages as they were written: what they add to the counts.
CREATE FUNCTION count_passages(added passage_count[], serials bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO passage_count AS known
    SELECT p.event, p.day, p.quarter, p.gate, a.form, a.class, ticket.kind,
           sum(p.entries), sum(p.exits), sum(p.exit_ms), sum(p.stays), sum(p.stay_ms)
    FROM ROWS FROM (unnest(added), unnest(serials))
         AS p (event, day, quarter, gate, form, class, kind, entries, exits, exit_ms, stays, stay_ms, serial)
    JOIN ticket ON ticket.event = p.event AND ticket.serial = p.serial
    JOIN application AS a ON a.id = ticket.application
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (event, day, quarter, gate, form, class, kind) DO UPDATE
    SET entries = known.entries + excluded.entries, exits = known.exits + excluded.exits,
        exit_ms = known.exit_ms + excluded.exit_ms, stays = known.stays + excluded.stays,
        stay_ms = known.stay_ms + excluded.stay_ms
$$;

CREATE FUNCTION count_admissions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_passages(array_agg(ROW (event, day, quarter_of(at), gate, '', '', '', 1, 0, 0, 0, 0)::passage_count),
                           array_agg(serial))
    FROM after HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER admission_counted AFTER INSERT ON admission
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_admissions();

CREATE FUNCTION count_exits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_passages(
        array_agg(ROW (event, day, quarter_of(at), gate, '', '', '', 0, 1,
                       (extract(epoch FROM at - quarter_of(at)) * 1000)::bigint, (came IS NOT NULL)::integer,
                       coalesce(greatest((extract(epoch FROM at - came) * 1000)::bigint, 0), 0))::passage_count),
        array_agg(serial))
    FROM (SELECT left_.*, admission.at AS came
          FROM (SELECT after.*, (SELECT count(*) FROM scan
                                 WHERE scan.event = after.event AND scan.serial = after.serial AND scan.day = after.day
                                   AND scan.direction = 'exit' AND scan.outcome = 2 AND scan.flags & 2 = 0
                                   AND (scan.epoch, scan.stream_ms, scan.stream_seq, scan.place)
                                       <= (after.epoch, after.stream_ms, after.stream_seq, after.place)) AS nth
                FROM after WHERE direction = 'exit' AND outcome = 2 AND flags & 2 = 0) AS left_
          LEFT JOIN admission ON admission.event = left_.event AND admission.serial = left_.serial
                              AND admission.day = left_.day AND admission.cycle = left_.nth) AS exits
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER scan_counted AFTER INSERT ON scan
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_exits();

CREATE FUNCTION keep_ticket_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_use (event, serial, form, class, kind, valid, days, cycles)
    SELECT uses.event, serial, form, class, kind, status = 'valid', uses.days, uses.cycles
    FROM (SELECT event, serial, coalesce(array_agg(day ORDER BY day) FILTER (WHERE n > 0), '{}') AS days,
                 coalesce(array_agg(n ORDER BY day) FILTER (WHERE n > 0), '{}') AS cycles
          FROM (SELECT used.event, used.serial, used.day,
                       used.cycle - used.given_back_known AS n
                FROM ticket_day AS used JOIN (SELECT DISTINCT event, serial FROM after) AS changed USING (event, serial))
               AS by_day
          GROUP BY event, serial) AS uses
    JOIN ticket USING (event, serial) JOIN application AS a ON a.id = application
    ORDER BY uses.event, serial
    ON CONFLICT (event, serial) DO UPDATE SET days = excluded.days, cycles = excluded.cycles;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_day_begun AFTER INSERT ON ticket_day
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION keep_ticket_use();
CREATE TRIGGER ticket_day_changed AFTER UPDATE ON ticket_day
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION keep_ticket_use();

-- An admission that staff gave back leaves the quarter that it was counted in: the last ones go first.
ALTER TABLE admission ADD COLUMN given_back boolean NOT NULL DEFAULT false;
CREATE FUNCTION mark_given_back(tickets bigint[], days integer[], wanted integer[], of_event integer[]) RETURNS void
LANGUAGE sql AS $$
    UPDATE admission SET given_back = true
    FROM (SELECT a.event, a.serial, a.day, a.cycle, n,
                 row_number() OVER (PARTITION BY a.event, a.serial, a.day ORDER BY a.cycle DESC) AS nth
          FROM unnest(of_event, tickets, days, wanted) AS w (event, serial, day, n)
          JOIN admission AS a ON a.event = w.event AND a.serial = w.serial AND a.day = w.day
          WHERE n > 0 AND NOT given_back) AS last
    WHERE admission.event = last.event AND admission.serial = last.serial AND admission.day = last.day
      AND admission.cycle = last.cycle AND nth <= n
$$;
CREATE FUNCTION take_new_use_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_given_back(array_agg(serial), array_agg(day), array_agg(given_back_known), array_agg(event))
    FROM after WHERE given_back_known > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION take_use_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_given_back(array_agg(serial), array_agg(day),
                            array_agg(after.given_back_known - before.given_back_known), array_agg(event))
    FROM after JOIN before USING (event, serial, day) WHERE after.given_back_known > before.given_back_known;
    RETURN NULL;
END $$;
CREATE FUNCTION uncount_admissions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_passages(
        array_agg(ROW (event, day, quarter_of(after.at), after.gate, '', '', '', -1, 0, 0, 0, 0)::passage_count),
        array_agg(serial))
    FROM after JOIN before USING (event, serial, day, cycle) WHERE after.given_back AND NOT before.given_back
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_day_begun_given_back AFTER INSERT ON ticket_day
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION take_new_use_back();
CREATE TRIGGER ticket_day_given_back AFTER UPDATE ON ticket_day
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION take_use_back();

-- The same counts, made anew from the log: what the migration begins with, and what a test compares them with.
CREATE VIEW passage_recount AS
SELECT event, day, quarter, gate, form, class, kind, sum(entries)::bigint AS entries, sum(exits)::bigint AS exits,
       sum(exit_ms)::bigint AS exit_ms, sum(stays)::bigint AS stays, sum(stay_ms)::bigint AS stay_ms
FROM (SELECT event, serial, day, quarter_of(at) AS quarter, gate, 1 AS entries, 0 AS exits, 0::bigint AS exit_ms, 0 AS stays,
             0::bigint AS stay_ms
      FROM admission WHERE NOT given_back
      UNION ALL
      SELECT event, serial, day, quarter_of(left_.at), left_.gate, 0, 1,
             (extract(epoch FROM left_.at - quarter_of(left_.at)) * 1000)::bigint, (came.at IS NOT NULL)::integer,
             coalesce(greatest((extract(epoch FROM left_.at - came.at) * 1000)::bigint, 0), 0)
      FROM (SELECT event, serial, day, at, gate, row_number() OVER (PARTITION BY event, serial, day
                                         ORDER BY epoch, stream_ms, stream_seq, place)::integer AS cycle
            FROM scan WHERE direction = 'exit' AND outcome = 2 AND flags & 2 = 0) AS left_
      LEFT JOIN admission AS came USING (event, serial, day, cycle)) AS passages
JOIN (SELECT ticket.event, serial, form, class, kind FROM ticket JOIN application ON id = application) AS tickets
     USING (event, serial)
GROUP BY event, day, quarter, gate, form, class, kind;

SELECT mark_given_back(array_agg(serial), array_agg(day), array_agg(given_back_known), array_agg(event))
FROM ticket_day WHERE given_back_known > 0;
INSERT INTO passage_count SELECT * FROM passage_recount;
UPDATE ticket_day SET cycle = cycle;
INSERT INTO group_sales
SELECT ticket.event, form, class, kind, count(*) FROM ticket JOIN application AS a ON a.id = application
WHERE status = 'valid' GROUP BY 1, 2, 3, 4;

CREATE TRIGGER admission_given_back AFTER UPDATE ON admission
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION uncount_admissions();

-- Every figure of an event in one document. `wishes`: "from", "to" (dates: of the event's days), "by" (form, class, kind,
-- gate), and "form", "class", "kind", "gate" (ids) to count of these alone. Gates know passages, not tickets.
CREATE FUNCTION analytics(wanted integer, wishes jsonb) RETURNS jsonb LANGUAGE sql STABLE SET jit = off AS $$
WITH about AS MATERIALIZED (
    SELECT definition, slug, coalesce(definition->>'time_zone', 'Asia/Tokyo') AS zone, wishes->>'by' AS split,
           wishes->>'by' IS DISTINCT FROM 'gate' AND wishes->>'gate' IS NULL AS has_tickets
    FROM event WHERE number = wanted
), chosen AS MATERIALIZED (
    SELECT (day->>'number')::smallint AS day, (day->>'date')::date AS date
    FROM about, jsonb_array_elements(definition->'day') AS day
    WHERE (wishes->>'from' IS NULL OR (day->>'date')::date >= (wishes->>'from')::date)
      AND (wishes->>'to' IS NULL OR (day->>'date')::date <= (wishes->>'to')::date)
), every AS MATERIALIZED (
    SELECT coalesce(array_agg(day), '{}') AS days FROM chosen
), gates AS MATERIALIZED (
    SELECT (gate->>'number')::integer AS gate, gate->>'id' AS id FROM about, jsonb_array_elements(definition->'gate') AS gate
), kinds AS MATERIALIZED (
    SELECT kind->>'id' AS kind, coalesce((kind->>'allowance')::integer, 1) AS allowance
    FROM about, jsonb_array_elements(definition->'kind') AS kind
), passages AS MATERIALIZED (
    SELECT chosen.date, p.*, CASE split WHEN 'form' THEN form WHEN 'class' THEN class WHEN 'kind' THEN kind
                                        WHEN 'gate' THEN coalesce(gates.id, '') END AS key
    FROM about, passage_count AS p JOIN chosen USING (day) LEFT JOIN gates USING (gate)
    WHERE event = wanted AND (wishes->>'form' IS NULL OR form = wishes->>'form')
      AND (wishes->>'class' IS NULL OR class = wishes->>'class')
      AND (wishes->>'kind' IS NULL OR kind = wishes->>'kind')
      AND (wishes->>'gate' IS NULL OR coalesce(gates.id, '') = wishes->>'gate')
), sold AS MATERIALIZED (
    SELECT key, grouping(key) AS is_total, coalesce(sum(sold), 0) AS total
    FROM (SELECT CASE split WHEN 'form' THEN form WHEN 'class' THEN class WHEN 'kind' THEN kind END AS key, sold
          FROM about, group_sales
          WHERE event = wanted AND sold > 0 AND (wishes->>'form' IS NULL OR form = wishes->>'form')
            AND (wishes->>'class' IS NULL OR class = wishes->>'class')
            AND (wishes->>'kind' IS NULL OR kind = wishes->>'kind')) AS groups
    GROUP BY GROUPING SETS ((), (key))
), tickets AS MATERIALIZED (
    SELECT CASE split WHEN 'form' THEN form WHEN 'class' THEN class WHEN 'kind' THEN kind END AS key, kind, days, cycles, n
    FROM about, (SELECT form, class, kind, days, cycles, count(*) AS n FROM ticket_use WHERE event = wanted AND valid
                 GROUP BY 1, 2, 3, 4, 5) AS patterns
    WHERE has_tickets AND (wishes->>'form' IS NULL OR form = wishes->>'form')
      AND (wishes->>'class' IS NULL OR class = wishes->>'class')
      AND (wishes->>'kind' IS NULL OR kind = wishes->>'kind')
), used AS MATERIALIZED (
    SELECT key, grouping(key) AS is_total, coalesce(sum(n) FILTER (WHERE t.days && every.days), 0) AS used,
           coalesce(sum(n) FILTER (WHERE every.days <> '{}' AND t.days @> every.days), 0) AS on_all_days
    FROM tickets AS t, every GROUP BY GROUPING SETS ((), (key))
), of_tickets AS MATERIALIZED (
    SELECT key, is_total, total,
           jsonb_build_object('total', total, 'used', coalesce(used, 0), 'unused', total - coalesce(used, 0),
                              'used_on_all_days', coalesce(on_all_days, 0)) AS tickets
    FROM sold LEFT JOIN used USING (is_total, key) WHERE is_total = 0
    UNION ALL
    SELECT NULL, 1, total, jsonb_build_object('total', total, 'used', used, 'unused', total - used, 'used_on_all_days', on_all_days)
    FROM sold JOIN used USING (is_total) WHERE is_total = 1
), of_passages AS MATERIALIZED (
    SELECT key, grouping(key) AS is_total, coalesce(sum(entries), 0) AS entries, coalesce(sum(exits), 0) AS exits,
           round(sum(stay_ms) / nullif(sum(stays), 0) / 1000) AS mean_stay
    FROM passages GROUP BY GROUPING SETS ((), (key))
), hours AS MATERIALIZED (
    SELECT day, date_trunc('hour', quarter, zone) AS hour, sum(entries) AS entries, sum(exits) AS exits
    FROM about, passages GROUP BY 1, 2
), of_days AS MATERIALIZED (
    SELECT day, sum(entries) AS entries, sum(exits) AS exits, round(sum(stay_ms) / nullif(sum(stays), 0) / 1000) AS mean_stay,
           (sum(exits * extract(epoch FROM (quarter AT TIME ZONE zone) - date::timestamp) * 1000 + exit_ms)
            / nullif(sum(exits), 0) / 60000)::integer AS mean_exit
    FROM about, passages GROUP BY 1
), days AS (
    SELECT jsonb_agg(jsonb_build_object(
        'day', day, 'date', date, 'entries', coalesce(entries, 0), 'exits', coalesce(exits, 0),
        'mean_stay_s', mean_stay,
        'mean_exit', lpad((mean_exit / 60)::text, 2, '0') || ':' || lpad((mean_exit % 60)::text, 2, '0'),
        'busiest_hour', (SELECT to_char(hour AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI') FROM hours
                         WHERE hours.day = chosen.day AND hours.entries > 0 ORDER BY hours.entries DESC, hour LIMIT 1),
        'hours', coalesce((SELECT jsonb_agg(jsonb_build_object(
                'hour', to_char(hour AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI'), 'at', iso(hour),
                'entries', hours.entries, 'entries_percent', round(100.0 * hours.entries / nullif(of_days.entries, 0), 1),
                'exits', hours.exits, 'exits_percent', round(100.0 * hours.exits / nullif(of_days.exits, 0), 1)) ORDER BY hour)
            FROM hours WHERE hours.day = chosen.day), '[]'))
        || CASE WHEN has_tickets THEN
           (SELECT jsonb_build_object('used', coalesce(sum(n) FILTER (WHERE t.days @> ARRAY[chosen.day]), 0),
                   'fully_used', coalesce(sum(n) FILTER (WHERE t.cycles[array_position(t.days, chosen.day)] >= allowance), 0))
            FROM tickets AS t LEFT JOIN kinds USING (kind)) ELSE '{}' END ORDER BY date, day) AS list
    FROM about, chosen LEFT JOIN of_days USING (day)
)
SELECT jsonb_strip_nulls(jsonb_build_object(
    'event', slug, 'time_zone', zone, 'from', wishes->'from', 'to', wishes->'to', 'by', split,
    'form', wishes->'form', 'class', wishes->'class', 'kind', wishes->'kind', 'gate', wishes->'gate'))
    || jsonb_build_object(
    'entries', p.entries, 'exits', p.exits, 'mean_stay_s', p.mean_stay,
    'entries_per_day', round(p.entries / nullif((SELECT count(*) FROM chosen), 0), 1),
    'days', coalesce((SELECT list FROM days), '[]'))
    || CASE WHEN has_tickets THEN jsonb_build_object(
        'tickets', t.tickets, 'entries_per_ticket', round(p.entries / nullif(t.total, 0), 2)) ELSE '{}' END
    || CASE WHEN split IS NOT NULL THEN jsonb_build_object('groups', coalesce(
        (SELECT jsonb_agg(jsonb_build_object(split, key, 'entries', coalesce(g.entries, 0), 'exits', coalesce(g.exits, 0),
                                             'mean_stay_s', g.mean_stay)
                          || CASE WHEN has_tickets THEN jsonb_build_object('tickets', coalesce(of_tickets.tickets,
                              '{"total": 0, "used": 0, "unused": 0, "used_on_all_days": 0}')) ELSE '{}' END
                          ORDER BY key)
         FROM (SELECT * FROM of_passages WHERE is_total = 0) AS g
         FULL JOIN (SELECT of_tickets.* FROM about, of_tickets WHERE is_total = 0 AND has_tickets) AS of_tickets USING (key)),
        '[]')) ELSE '{}' END
FROM about, (SELECT * FROM of_passages WHERE is_total = 1) AS p, (SELECT * FROM of_tickets WHERE is_total = 1) AS t
$$;
