ALTER TABLE account ADD COLUMN lockouts INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE account ADD COLUMN factor_lockouts INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE account ADD COLUMN lockouts_told_at TIMESTAMP WITH TIME ZONE;
COMMENT ON COLUMN account.lockouts IS 'by wrong passwords, of which no act tells yet';
COMMENT ON COLUMN account.factor_lockouts IS 'by wrong codes, of which no act tells yet';

-- Count an attempt before the code is looked at: the fifth locks for fifteen minutes unless it is right.
CREATE OR REPLACE FUNCTION own_factor_attempt(
    token text, OUT account_id bigint, OUT secret bytea, OUT draft bytea, OUT last_step bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE account a SET factor_failures = (a.factor_failures + 1) % 5,
        factor_locked_until = CASE WHEN a.factor_failures + 1 >= 5 THEN now() + interval '15 minutes'
            ELSE a.factor_locked_until END,
        factor_lockouts = a.factor_lockouts + CASE WHEN a.factor_failures + 1 >= 5 THEN 1 ELSE 0 END
    WHERE a.id = mine.account_id AND coalesce(a.factor_locked_until <= now(), true)
    RETURNING a.id, a.totp_secret, a.totp_draft, a.totp_last_step INTO account_id, secret, draft, last_step;
END $$;

-- A right code lifts the lock that its own attempt had set: that was none.
CREATE OR REPLACE FUNCTION own_factor_pass(token text, step bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE account SET factor_lockouts = greatest(factor_lockouts - CASE WHEN factor_locked_until > now() THEN 1 ELSE 0 END, 0),
        totp_last_step = step, factor_failures = 0, factor_locked_until = NULL
    WHERE id = mine.account_id AND totp_last_step < step;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE session SET second_factor_at = now() WHERE id = mine.id;
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION own_factor_confirm(token text, step bigint, codes bytea[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE account SET factor_lockouts = greatest(factor_lockouts - CASE WHEN factor_locked_until > now() THEN 1 ELSE 0 END, 0),
        totp_secret = totp_draft, totp_draft = NULL, totp_last_step = step, factor_failures = 0,
        factor_locked_until = NULL
    WHERE id = mine.account_id AND totp_draft IS NOT NULL
        AND (totp_secret IS NULL OR mine.second_factor_at IS NOT NULL);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM recovery_code WHERE account_id = mine.account_id;
    INSERT INTO recovery_code (code_hash, account_id) SELECT unnest(codes), mine.account_id;
    UPDATE session SET second_factor_at = now() WHERE id = mine.id;
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION own_factor_recover(token text, code bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE recovery_code SET used_at = now()
    WHERE code_hash = code AND account_id = mine.account_id AND used_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE account SET factor_lockouts = greatest(factor_lockouts - CASE WHEN factor_locked_until > now() THEN 1 ELSE 0 END, 0),
        factor_failures = 0, factor_locked_until = NULL WHERE id = mine.account_id;
    UPDATE session SET second_factor_at = now() WHERE id = mine.id;
    RETURN true;
END $$;
