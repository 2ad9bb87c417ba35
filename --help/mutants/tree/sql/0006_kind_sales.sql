-- How many valid tickets there are of a kind, counted where tickets change, so that nobody counts them again for
-- every application.

CREATE TABLE kind_sales (
    event  integer NOT NULL REFERENCES event,
    kind   text NOT NULL,
    sold   bigint NOT NULL CHECK (sold >= 0),
    PRIMARY KEY (event, kind)
);
INSERT INTO kind_sales SELECT event, kind, count(*) FROM ticket WHERE status = 'valid' GROUP BY event, kind;

-- Both go through the kinds in one order, so that two transactions never wait for each other in a ring.
CREATE FUNCTION count_issued_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kind_sales AS sales (event, kind, sold)
    SELECT event, kind, count(*) FROM after WHERE status = 'valid' GROUP BY event, kind ORDER BY event, kind
    ON CONFLICT (event, kind) DO UPDATE SET sold = sales.sold + excluded.sold;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_issued AFTER INSERT ON ticket
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_issued_tickets();

CREATE FUNCTION count_changed_tickets() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN
        SELECT event, kind, sum(n) AS n
        FROM (SELECT event, kind, 1 AS n FROM after WHERE status = 'valid'
              UNION ALL SELECT event, kind, -1 FROM before WHERE status = 'valid') AS changes
        GROUP BY event, kind HAVING sum(n) <> 0 ORDER BY event, kind
    LOOP
        UPDATE kind_sales SET sold = sold + change.n WHERE event = change.event AND kind = change.kind;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER ticket_changed AFTER UPDATE ON ticket
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_changed_tickets();
