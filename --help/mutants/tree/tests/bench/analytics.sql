-- A festival of two days for tests/bench/analytics: most tickets come both days, and go out and in again some times.
SELECT setseed(0.5);
INSERT INTO application (id, event, form, applicant, state, tickets, email, language, fields, guests, body_hash, submitted_at, class)
SELECT translate(lpad(n::text, 26, '0'), '0189', 'ABCD'), 1, 'student', 'a' || n, 'issued', 2, 'a' || n || '@example.jp', 'ja',
       '{}', '["a", "b"]', md5(n::text), now(),
       (ARRAY['J1', 'J2', 'J3', 'S1', 'S2', 'S3'])[1 + n % 6] || chr(65 + n % 7)
FROM generate_series(1, :applications) AS n;
INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, key_id)
SELECT 1, n, id, position, (ARRAY['family', 'guest'])[1 + (random() < 0.1)::integer], 'x', lpad(n::text, 8, '0'), 1
FROM (SELECT id, position, row_number() OVER (ORDER BY id, position) AS n FROM application, generate_series(1, 2) AS position) AS t;
CREATE TEMP TABLE visit AS
SELECT serial, day, n, 1 + floor(2 * random())::integer AS gate,
       '2027-06-11 09:00+09'::timestamptz + day * interval '1 day' + (random() + n - 1) * interval '50 minutes' AS came
FROM (SELECT serial, day, CASE WHEN random() < 0.9 THEN floor(6.5 * random())::integer ELSE 0 END AS visits
      FROM ticket, generate_series(1, 2) AS day) AS person, generate_series(1, visits) AS n;
-- Row by row the triggers count the drain's small batches; a million at once are counted from the log.
ALTER TABLE scan DISABLE TRIGGER USER;
ALTER TABLE admission DISABLE TRIGGER USER;
INSERT INTO scan (event, epoch, stream_ms, stream_seq, place, serial, device, gate, direction, outcome, at, day, cycle, inside, flags, nonce)
SELECT 1, 1, (extract(epoch FROM at) * 1000)::bigint, row_number() OVER (ORDER BY at), 0, serial, gate, gate, direction,
       CASE direction WHEN 'entry' THEN 1 ELSE 2 END, at, day, n, 0, 0, '\x0000000000000000'
FROM (SELECT serial, day, n, gate, came AS at, 'entry' AS direction FROM visit
      UNION ALL SELECT serial, day, n, 3 - gate, came + (5 + 40 * random()) * interval '1 minute', 'exit' FROM visit) AS passages;
INSERT INTO admission
SELECT event, serial, day, cycle, at, gate, device, epoch, stream_ms, stream_seq, place FROM scan WHERE outcome = 1;
INSERT INTO ticket_day (event, serial, day, inside, cycle, first_at, first_gate, first_device)
SELECT event, serial, day, 0, max(cycle), min(at), 1, 1 FROM admission GROUP BY event, serial, day;
ALTER TABLE scan ENABLE TRIGGER USER;
ALTER TABLE admission ENABLE TRIGGER USER;
INSERT INTO passage_count SELECT * FROM passage_recount;
ANALYZE;
