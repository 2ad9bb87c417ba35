-- Lists are searched in a third of the time, and the mean time of exits is one, whatever the date of a scan.

-- As before, but texts that have nothing to fold but their case are not spelled anew letter by letter.
ALTER FUNCTION folded(text) RENAME TO folded_throughout;
CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE WHEN octet_length($1) = char_length($1) OR $1 ~ '^[ -~ぁ-ゖ々〆一-鿿]*$' THEN lower($1) ELSE folded_throughout($1) END;

-- Every figure of an event in one document. `wishes`: "from", "to" (dates: of the event's days), "by" (form, class, kind,
-- gate), and "form", "class", "kind", "gate" (ids) to count of these alone. Gates know passages, not tickets.
CREATE OR REPLACE FUNCTION analytics(wanted integer, wishes jsonb) RETURNS jsonb LANGUAGE sql STABLE SET jit = off AS $$
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
           -- The night after a day is 24:00 and later; a day that was tried out on another date has that date's clock.
           (sum(exits * extract(epoch FROM local - CASE WHEN local::date - date IN (0, 1) THEN date ELSE local::date END::timestamp)
                * 1000 + exit_ms) / nullif(sum(exits), 0) / 60000)::integer AS mean_exit
    FROM about, passages, LATERAL (SELECT quarter AT TIME ZONE zone AS local) AS clock GROUP BY 1
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
