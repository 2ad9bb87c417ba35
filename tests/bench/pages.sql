-- Beside what analytics.sql leaves: more applications in every state, with tickets, mails, audit rows and devices, for tests/bench/pages.
SELECT setseed(0.25);
CREATE TEMP TABLE person AS
SELECT n, translate(lpad(n::text, 26, '0'), '0189', 'ABCD') AS id,
       (ARRAY['Yamada', 'Sato', 'Suzuki', 'Takahashi', 'Tanaka', 'Ito', 'Watanabe', 'Nakamura', 'Kobayashi', 'Kato'])[1 + n % 10] AS family,
       (ARRAY['Hanako', 'Ichiro', 'Sakura', 'Kentaro', 'Yui', 'Daiki', 'Aoi', 'Ren', 'Mio', 'Haruto', 'Rin'])[1 + n % 11] AS given,
       (ARRAY['山田 花子', '佐藤 一郎', '鈴木 桜', '髙橋 健太郎', '田中 結衣', '伊藤 大輝', '渡辺 葵'])[1 + n % 7] || ' ' || n AS guest,
       CASE n % 20 WHEN 17 THEN 'refused' WHEN 18 THEN 'awaiting_approval' WHEN 19 THEN 'cancelled' ELSE 'issued' END AS state
FROM generate_series(:first, :applications) AS n;
INSERT INTO application (id, event, form, applicant, state, code, tickets, email, language, fields, guests, body_hash, submitted_at, class)
SELECT id, 1, CASE WHEN n % 25 = 0 THEN 'teacher' ELSE 'student' END, 'p' || n, state, CASE state WHEN 'refused' THEN 'sold_out' WHEN 'issued' THEN NULL ELSE state END,
       CASE WHEN state IN ('refused', 'cancelled') THEN 0 ELSE 1 END,
       lower(family) || n || '@example.jp', CASE WHEN n % 9 = 0 THEN 'en' ELSE 'ja' END,
       jsonb_build_object('last_name', family, 'first_name', given), jsonb_build_array(guest), md5(n::text),
       '2027-05-01 09:00+09'::timestamptz + n * interval '7 seconds',
       (ARRAY['J1', 'J2', 'J3', 'S1', 'S2', 'S3'])[1 + n % 6] || chr(65 + n % 7)
FROM person;
INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, key_id)
SELECT 1, 1000000 + n, id, 1, CASE WHEN n % 25 = 0 THEN 'guest' ELSE 'family' END, guest, 'P' || lpad(n::text, 7, '0'), 1
FROM person WHERE state = 'issued';
INSERT INTO mail_outbox (event, application, kind, recipient, language, state, attempts, message_id, next_at, queued_at, created_at, ended_at)
SELECT 1, id, 'tickets', email, language, CASE WHEN n % 40 = 0 THEN 'failed' ELSE 'sent' END, 1,
       'm' || n || '@example.jp', NULL, NULL, submitted_at, submitted_at
FROM application JOIN person USING (id) WHERE application.state = 'issued';
INSERT INTO audit (actor, origin, verb, event, subject, after)
SELECT 'account:1', '192.0.2.7', 'application.approve', 1, 'application ' || id, jsonb_build_object('state', state) FROM person;
ANALYZE;
