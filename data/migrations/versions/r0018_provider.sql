CREATE TABLE account_link (
    account_id BIGINT NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    claim TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    linked_by BIGINT,
    linked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_account_link PRIMARY KEY (account_id),
    CONSTRAINT ck_account_link_subject_length CHECK (length(subject) BETWEEN 1 AND 255),
    CONSTRAINT uq_account_link_issuer_claim_subject UNIQUE (issuer, claim, subject),
    CONSTRAINT fk_account_link_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT fk_account_link_linked_by FOREIGN KEY(linked_by) REFERENCES account (id)
);
COMMENT ON COLUMN account_link.claim IS 'of the ID token, which names the person';
COMMENT ON COLUMN account_link.subject IS 'what the provider calls the person';

ALTER TABLE session ADD COLUMN way TEXT DEFAULT 'password' NOT NULL;
ALTER TABLE session ADD COLUMN flow_hash BYTEA;
ALTER TABLE session ADD COLUMN provider_factor BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE session ADD CONSTRAINT uq_session_flow_hash UNIQUE (flow_hash);
ALTER TABLE session ADD CONSTRAINT ck_session_way_known CHECK (way IN ('password', 'oidc'));
ALTER TABLE session ADD CONSTRAINT ck_session_of_a_provider_alone CHECK (way = 'oidc' OR flow_hash IS NULL AND NOT provider_factor);
COMMENT ON COLUMN session.way IS 'by which it was opened';
COMMENT ON COLUMN session.flow_hash IS 'SHA-256 of the state that the provider brought back: it opens one session';
COMMENT ON COLUMN session.provider_factor IS 'the provider proved a second factor and the deployment counts it';

-- End the grants that show children and ask for them anew, so that civil affairs decides again: whoever sets how
-- an account is entered could enter it. Urgent sights end without being asked for.
CREATE FUNCTION child_grants_anew(actor bigint, target bigint, why text) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    asked integer;
BEGIN
    WITH ended AS (
        UPDATE account_grant SET ended_at = now(), ended_by = actor
        WHERE account_id = target AND ended_at IS NULL AND role = ANY (child_roles())
            AND coalesce(valid_until >= current_date, true)
        RETURNING account_id, role, area_code, valid_from, valid_until
    )
    INSERT INTO grant_request (account_id, role, area_code, valid_from, valid_until, reason, requested_by)
    SELECT account_id, role, area_code, valid_from, valid_until, why, actor FROM ended WHERE role <> 'urgent';
    GET DIAGNOSTICS asked = ROW_COUNT;
    RETURN asked;
END $$;

CREATE OR REPLACE FUNCTION account_reset(target bigint, new_hash text, forget_factor boolean) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held account_grant := acting_grant(ARRAY['administrator']);
BEGIN
    PERFORM require_reach(held, target);
    UPDATE account SET password_hash = new_hash, must_change_password = true, failures = 0, locked_until = NULL,
        factor_failures = 0, factor_locked_until = NULL,
        totp_secret = CASE WHEN forget_factor THEN NULL ELSE totp_secret END,
        totp_draft = NULL, totp_last_step = CASE WHEN forget_factor THEN 0 ELSE totp_last_step END
    WHERE id = target;
    IF forget_factor THEN
        DELETE FROM recovery_code WHERE account_id = target;
    END IF;
    UPDATE session SET revoked_at = now() WHERE account_id = target AND revoked_at IS NULL;
    RETURN child_grants_anew(held.account_id, target, '重置密码后须重新批准');
END $$;

CREATE FUNCTION account_link_set(target bigint, new_issuer text, new_claim text, new_subject text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held account_grant := acting_grant(ARRAY['administrator']);
BEGIN
    PERFORM require_reach(held, target);
    IF length(new_subject) NOT BETWEEN 1 AND 255 OR new_subject ~ '[[:cntrl:]]' THEN
        PERFORM refuse('AN400', '统一身份标识应为 1 至 255 个字符，不含换行等控制字符：请向统一身份认证的管理单位核对。');
    END IF;
    -- Two administrators who give one person's name to two accounts at once: the second is told.
    PERFORM pg_advisory_xact_lock(hashtext('anlan.account_link'));
    IF EXISTS (SELECT FROM account_link WHERE account_id = target AND issuer = new_issuer AND claim = new_claim
            AND subject = new_subject) THEN
        RETURN 0;
    END IF;
    IF EXISTS (SELECT FROM account_link WHERE account_id <> target AND issuer = new_issuer AND claim = new_claim
            AND subject = new_subject) THEN
        PERFORM refuse('AN409', '这个统一身份标识已关联另一个账号：请核对，一个标识只能关联一个账号。');
    END IF;
    INSERT INTO account_link (account_id, issuer, claim, subject, linked_by)
    VALUES (target, new_issuer, new_claim, new_subject, held.account_id)
    ON CONFLICT (account_id) DO UPDATE SET issuer = excluded.issuer, claim = excluded.claim,
        subject = excluded.subject, linked_by = excluded.linked_by, linked_at = now();
    UPDATE session SET revoked_at = now() WHERE account_id = target AND way = 'oidc' AND revoked_at IS NULL;
    RETURN child_grants_anew(held.account_id, target, '关联统一身份认证后须重新批准');
END $$;

CREATE FUNCTION account_link_end(target bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM require_reach(acting_grant(ARRAY['administrator']), target);
    DELETE FROM account_link WHERE account_id = target;
    IF NOT FOUND THEN
        PERFORM refuse('AN409', '这个账号没有关联统一身份认证：请刷新后查看。');
    END IF;
    UPDATE session SET revoked_at = now() WHERE account_id = target AND way = 'oidc' AND revoked_at IS NULL;
END $$;

REVOKE ALL ON FUNCTION child_grants_anew, account_link_set, account_link_end FROM PUBLIC;
