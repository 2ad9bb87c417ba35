-- What supervisors do at the door (undo, entry against a refusal) and what devices decided offline, in the scan log; and the
-- figures that follow. Redis is made anew, for what its screens show is counted from now on.

ALTER TABLE scan
    ADD COLUMN device_at timestamptz,       -- when a device decided offline, by its clock; `at` is Redis's
    ADD COLUMN overrode smallint,           -- the refusal that a supervisor overrode
    ADD COLUMN undone_device integer,       -- whose scan with which nonce was undone
    ADD COLUMN undone_nonce bytea,
    ADD COLUMN actor text,                  -- "device:3", "account:7": the supervisor
    ADD COLUMN reason text;
CREATE INDEX scan_offline ON scan (event, at) WHERE flags & 32 <> 0;

-- Admissions undone at the door; they keep their numbers.
ALTER TABLE ticket_day ADD COLUMN undone integer NOT NULL DEFAULT 0 CHECK (undone BETWEEN 0 AND 255);

ALTER TABLE scan_conflict DROP CONSTRAINT scan_conflict_reason_check,
    ADD CONSTRAINT scan_conflict_reason_check CHECK (reason IN ('admitted_twice', 'unreadable', 'passed_offline'));

-- The n-th stay is the one that an exit ends: exits that were undone ended none, and entries that were undone began none.
CREATE FUNCTION count_exits_of(exits scan[], sign integer) RETURNS void LANGUAGE sql AS $$
    SELECT count_passages(
        array_agg(ROW (event, day, quarter_of(at), gate, '', '', '', 0, sign,
                       sign * (extract(epoch FROM at - quarter_of(at)) * 1000)::bigint, sign * (came IS NOT NULL)::integer,
                       sign * coalesce(greatest((extract(epoch FROM at - came) * 1000)::bigint, 0), 0))::passage_count),
        array_agg(serial))
    FROM (SELECT left_.*, admission.at AS came
          FROM (SELECT one.*, (SELECT count(*) FILTER (WHERE outcome IN (2, 4)) - count(*) FILTER (WHERE outcome = 5) FROM scan
                               WHERE scan.event = one.event AND scan.serial = one.serial AND scan.day = one.day
                                 AND scan.outcome IN (2, 4, 5) AND scan.flags & 2 = 0
                                 AND (scan.epoch, scan.stream_ms, scan.stream_seq, scan.place)
                                     <= (one.epoch, one.stream_ms, one.stream_seq, one.place)) AS nth
                FROM unnest(exits) AS one) AS left_
          LEFT JOIN admission ON admission.event = left_.event AND admission.serial = left_.serial
                              AND admission.day = left_.day AND admission.cycle = left_.nth) AS exits
    HAVING count(*) > 0
$$;

CREATE OR REPLACE FUNCTION count_exits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM count_exits_of(array_agg(scan), 1)
    FROM after JOIN scan USING (event, epoch, stream_ms, stream_seq, place)
    WHERE after.outcome = 2 AND after.flags & 2 = 0 HAVING count(*) > 0;
    PERFORM count_exits_of(array_agg(undone::scan), -1)
    FROM after JOIN LATERAL (SELECT scan.* FROM scan WHERE scan.event = after.event AND scan.serial = after.serial
                                AND scan.device = after.undone_device AND scan.nonce = after.undone_nonce
                                AND scan.outcome = 2 AND scan.flags & 2 = 0
                              ORDER BY epoch DESC, stream_ms DESC, stream_seq DESC, place DESC LIMIT 1) AS undone ON true
    WHERE after.outcome = 5 HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION keep_ticket_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ticket_use (event, serial, form, class, kind, valid, days, cycles)
    SELECT uses.event, serial, form, class, kind, status = 'valid', uses.days, uses.cycles
    FROM (SELECT event, serial, coalesce(array_agg(day ORDER BY day) FILTER (WHERE n > 0), '{}') AS days,
                 coalesce(array_agg(n ORDER BY day) FILTER (WHERE n > 0), '{}') AS cycles
          FROM (SELECT used.event, used.serial, used.day,
                       used.cycle - used.given_back_known - used.undone AS n
                FROM ticket_day AS used JOIN (SELECT DISTINCT event, serial FROM after) AS changed USING (event, serial))
               AS by_day
          GROUP BY event, serial) AS uses
    JOIN ticket USING (event, serial) JOIN application AS a ON a.id = application
    ORDER BY uses.event, serial
    ON CONFLICT (event, serial) DO UPDATE SET days = excluded.days, cycles = excluded.cycles;
    RETURN NULL;
END $$;

CREATE OR REPLACE VIEW passage_recount AS
SELECT event, day, quarter, gate, form, class, kind, sum(entries)::bigint AS entries, sum(exits)::bigint AS exits,
       sum(exit_ms)::bigint AS exit_ms, sum(stays)::bigint AS stays, sum(stay_ms)::bigint AS stay_ms
FROM (SELECT event, serial, day, quarter_of(at) AS quarter, gate, 1 AS entries, 0 AS exits, 0::bigint AS exit_ms, 0 AS stays,
             0::bigint AS stay_ms
      FROM admission WHERE NOT given_back
      UNION ALL
      SELECT event, serial, day, quarter_of(left_.at), left_.gate, 0, 1,
             (extract(epoch FROM left_.at - quarter_of(left_.at)) * 1000)::bigint, (came.at IS NOT NULL)::integer,
             coalesce(greatest((extract(epoch FROM left_.at - came.at) * 1000)::bigint, 0), 0)
      FROM (SELECT event, serial, day, at, gate, device, nonce, outcome,
                   (sum(CASE outcome WHEN 5 THEN -1 ELSE 1 END) OVER (PARTITION BY event, serial, day
                                         ORDER BY epoch, stream_ms, stream_seq, place))::integer AS cycle
            FROM scan WHERE outcome IN (2, 4, 5) AND flags & 2 = 0) AS left_
      LEFT JOIN admission AS came USING (event, serial, day, cycle)
      WHERE left_.outcome = 2
        AND NOT EXISTS (SELECT FROM scan AS undo WHERE undo.event = left_.event AND undo.serial = left_.serial
                          AND undo.outcome = 5 AND undo.undone_device = left_.device AND undo.undone_nonce = left_.nonce)) AS passages
JOIN (SELECT ticket.event, serial, form, class, kind FROM ticket JOIN application ON id = application) AS tickets
     USING (event, serial)
GROUP BY event, day, quarter, gate, form, class, kind;

UPDATE cache_state SET rebuild_reason = 'its door counts for screens now';
