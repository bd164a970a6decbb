-- For tests, which use a migrated database of PostgreSQL over and over: run once, this keeps what the database is and holds now,
-- and `SELECT kept.restore()` gives it back, for a hundredth of what making, migrating and dropping another one takes.
CREATE SCHEMA kept;

-- Tables, columns, constraints, triggers, functions, and what is set for the database.
CREATE FUNCTION kept.structure() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(line, ' ' ORDER BY line) FROM (
        SELECT format('%s %s %s %s', relname, relkind, relchecks, reloptions) AS line
        FROM pg_class WHERE relnamespace = CAST('public' AS regnamespace)
        UNION ALL
        SELECT format('%s %s %s %s', c.relname, a.attname, a.atttypid, a.attnotnull)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = CAST('public' AS regnamespace)
        UNION ALL
        SELECT format('%s %s', conname, convalidated) FROM pg_constraint WHERE connamespace = CAST('public' AS regnamespace)
        UNION ALL
        SELECT format('%s %s', tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT format('%s %s', proname, prosrc) FROM pg_proc WHERE pronamespace = CAST('public' AS regnamespace)
        UNION ALL
        SELECT format('%s', setconfig) FROM pg_db_role_setting
        WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())) AS everything
$$;

CREATE FUNCTION kept.tables() RETURNS SETOF regclass LANGUAGE sql AS $$
    SELECT CAST(oid AS regclass) FROM pg_class WHERE relkind = 'r' AND relnamespace = CAST('public' AS regnamespace)
$$;

-- SQL that writes every row there is, and lets every sequence stand where it does.
CREATE FUNCTION kept.contents() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    one regclass;
    rows jsonb;
    script text := '';
BEGIN
    FOR one IN SELECT * FROM kept.tables() LOOP
        EXECUTE format('SELECT jsonb_agg(to_jsonb(t)) FROM %s t', one) INTO rows;
        CONTINUE WHEN rows IS NULL;
        script := script || format('INSERT INTO %1$s SELECT * FROM jsonb_populate_recordset(CAST(NULL AS %1$s), %2$L);', one, rows);
    END LOOP;
    RETURN script || COALESCE((
        SELECT string_agg(format('SELECT setval(%L, %s, %L);', format('%I.%I', schemaname, sequencename),
                                 COALESCE(last_value, start_value), last_value IS NOT NULL), '')
        FROM pg_sequences WHERE schemaname = 'public'), '');
END $$;

CREATE TABLE kept.state AS SELECT kept.structure() AS structure, kept.contents() AS contents;

-- Ends all other sessions. Fails where a test changed more than rows. What is large is cut off: the next test is not to read
-- through its remains.
CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one regclass;
    old kept.state;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
    FOR i IN 1..5000 LOOP  -- by itself: pg_terminate_backend looks only every tenth of a second
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN NOT EXISTS (
            SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid());
        PERFORM pg_sleep(0.002);
    END LOOP;
    SELECT * INTO old FROM kept.state;
    IF kept.structure() <> old.structure THEN
        RAISE 'this is another database now';
    END IF;
    PERFORM set_config('session_replication_role', 'replica', true), set_config('synchronous_commit', 'off', true);
    FOR one IN SELECT * FROM kept.tables() LOOP
        IF pg_table_size(one) > 1000000 THEN
            EXECUTE format('TRUNCATE %s CASCADE', one);
        ELSE
            EXECUTE format('DELETE FROM %s', one);
        END IF;
    END LOOP;
    EXECUTE old.contents;
END $$;
