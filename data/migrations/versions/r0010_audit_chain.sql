CREATE TABLE audit_chain (
    position BIGINT NOT NULL,
    audit_id BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_chain PRIMARY KEY (position),
    CONSTRAINT uq_audit_chain_audit_id UNIQUE (audit_id),
    CONSTRAINT fk_audit_chain_audit_id FOREIGN KEY(audit_id) REFERENCES audit (id)
);

COMMENT ON COLUMN audit_chain.position IS '1, 2, 3 … in the order of commits';

COMMENT ON COLUMN audit_chain.hash IS 'SHA-256 of the hash before and the act';

CREATE FUNCTION audit_field(value text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN coalesce(octet_length(convert_to(value, 'UTF8')) || ':' || value, '-');

CREATE FUNCTION audit_hash(place bigint, previous bytea, act audit) RETURNS bytea LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp AS $$
SELECT sha256(previous || convert_to(
    audit_field(place::text)
    || audit_field(act.id::text)
    || audit_field(((extract(epoch FROM act.happened_at) * 1000000)::bigint)::text)
    || audit_field(act.action)
    || audit_field(act.account_id::text)
    || audit_field(act.role)
    || audit_field(act.area_code)
    || audit_field(act.purpose)
    || audit_field(act.object_kind)
    || audit_field(cardinality(act.object_ids)::text)
    || (SELECT coalesce(string_agg(audit_field(u.one), '' ORDER BY u.rank), '')
        FROM unnest(act.object_ids) WITH ORDINALITY AS u(one, rank))
    || audit_field(act.row_count::text), 'UTF8'))
$$;

CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    last audit_chain;
BEGIN
    -- Held from here to the end of a commit that has begun: acts wait for one another, never for work.
    PERFORM pg_advisory_xact_lock(hashtext('anlan.audit'));
    SELECT * INTO last FROM audit_chain ORDER BY position DESC LIMIT 1;
    INSERT INTO audit_chain (position, audit_id, hash) VALUES (
        coalesce(last.position, 0) + 1, NEW.id,
        audit_hash(coalesce(last.position, 0) + 1, coalesce(last.hash, ''), NEW));
    RETURN NULL;
END $$;

CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the record of acts is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;

DO $$
DECLARE
    act audit;
    counted bigint := 0;
    last bytea := '';
BEGIN
    FOR act IN SELECT * FROM audit ORDER BY id LOOP
        counted := counted + 1;
        last := audit_hash(counted, last, act);
        INSERT INTO audit_chain (position, audit_id, hash) VALUES (counted, act.id, last);
    END LOOP;
END $$;

CREATE CONSTRAINT TRIGGER chain AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION chain_audit();

CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();

CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain
FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();

REVOKE ALL ON FUNCTION audit_field(text), audit_hash(bigint, bytea, audit), chain_audit(), keep_audit() FROM PUBLIC
