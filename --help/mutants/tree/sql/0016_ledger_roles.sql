-- Three roles of PostgreSQL share the ledger: its owner migrates, mogirid works, and somebody may read. Whoever runs
-- everything as the owner needs none of this.

-- To be called by the owner after every migration, for what is new; `mogirictl ledger migrate` does.
CREATE FUNCTION share_ledger(daemon name, reader name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    home CONSTANT text := quote_ident(current_schema());
    shown record;
BEGIN
    IF daemon IS NOT NULL THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %s TO %I', home, daemon);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %s TO %I', home, daemon);
        EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %s TO %I', home, daemon);
        EXECUTE format('REVOKE UPDATE, DELETE ON audit FROM %I', daemon);
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON schema_version FROM %I', daemon);
    END IF;
    IF reader IS NOT NULL THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %s TO %I', home, reader);
        -- Everything but what opens a door.
        FOR shown IN
            SELECT relation.oid::regclass AS name, string_agg(quote_ident(attname), ', ') AS columns
            FROM pg_class AS relation JOIN pg_attribute ON attrelid = relation.oid
            WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v') AND attnum > 0
              AND NOT attisdropped AND attname NOT IN ('password_hash', 'key_hash')
            GROUP BY relation.oid
        LOOP
            EXECUTE format('GRANT SELECT (%s) ON %s TO %I', shown.columns, shown.name, reader);
        END LOOP;
    END IF;
END $$;
