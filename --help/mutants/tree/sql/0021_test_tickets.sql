-- Test tickets: scanned as real ones, counted nowhere. Their scans stand in no log, so only sales must leave them out.

ALTER TABLE application ADD COLUMN test boolean NOT NULL DEFAULT false;
ALTER TABLE ticket ADD COLUMN test boolean NOT NULL DEFAULT false;
CREATE INDEX ticket_test ON ticket (event, serial) WHERE test;

CREATE OR REPLACE FUNCTION count_issued_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kind_sales AS sales (event, kind, sold)
    SELECT event, kind, count(*) FROM after WHERE status = 'valid' AND NOT test GROUP BY event, kind ORDER BY event, kind
    ON CONFLICT (event, kind) DO UPDATE SET sold = sales.sold + excluded.sold;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_changed_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN
        SELECT event, kind, sum(n) AS n
        FROM (SELECT event, kind, 1 AS n FROM after WHERE status = 'valid' AND NOT test
              UNION ALL SELECT event, kind, -1 FROM before WHERE status = 'valid' AND NOT test) AS changes
        GROUP BY event, kind HAVING sum(n) <> 0 ORDER BY event, kind
    LOOP
        UPDATE kind_sales SET sold = sold + change.n WHERE event = change.event AND kind = change.kind;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_issued_groups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO group_sales AS sales (event, form, class, kind, sold)
    SELECT a.event, form, class, kind, count(*) FROM after JOIN application AS a ON a.id = application
    WHERE status = 'valid' AND NOT after.test GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (event, form, class, kind) DO UPDATE SET sold = sales.sold + excluded.sold;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_changed_groups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO group_sales AS sales (event, form, class, kind, sold)
    SELECT a.event, form, class, kind, sum(n)
    FROM (SELECT application, kind, 1 AS n FROM after WHERE status = 'valid' AND NOT test
          UNION ALL SELECT application, kind, -1 FROM before WHERE status = 'valid' AND NOT test) AS changes
    JOIN application AS a ON a.id = application
    GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT (event, form, class, kind) DO UPDATE SET sold = sales.sold + excluded.sold;
    UPDATE ticket_use SET valid = (status = 'valid') FROM after
    WHERE ticket_use.event = after.event AND ticket_use.serial = after.serial AND valid <> (status = 'valid');
    RETURN NULL;
END $$;
