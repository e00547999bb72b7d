-- What a person may change of accounts and grants is decided here, by the actor that the program names for the
-- transaction and by what that actor holds today; no login of a page may write these tables itself.

CREATE FUNCTION refuse(code text, reason text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = reason;
END $$;

-- Roles whose rights show children; a test holds this list to data/rights.toml.
CREATE FUNCTION child_roles() RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$ SELECT ARRAY['child_director', 'civil', 'education'] $$;

CREATE FUNCTION in_force(held public.account_grant) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT held.ended_at IS NULL AND held.valid_from <= current_date
        AND coalesce(held.valid_until >= current_date, true)
$$;

-- The grant under which the actor of this transaction works, if it is one of `wanted`.
CREATE FUNCTION acting_grant(wanted text[]) RETURNS public.account_grant LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held account_grant;
BEGIN
    SELECT g.* INTO held FROM account_grant g JOIN account a ON a.id = g.account_id
    WHERE g.account_id = nullif(current_setting('app.account', true), '')::bigint
        AND g.role = current_setting('app.role', true) AND g.area_code = current_setting('app.area', true)
        AND g.role = ANY (wanted) AND in_force(g) AND NOT a.disabled;
    IF held.id IS NULL THEN
        PERFORM refuse('AN403', '您现在的岗位不能这样做：请由有权的岗位办理。');
    END IF;
    RETURN held;
END $$;

-- Refuse an act on oneself, on an auditor, and on anybody who works beyond the actor's area.
CREATE FUNCTION require_reach(held public.account_grant, target bigint) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF target = held.account_id THEN
        PERFORM refuse('AN403', '不能变更自己的账号与权限：请由另一位管理员办理。');
    END IF;
    PERFORM FROM account WHERE id = target FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('AN404', '没有这个账号：请刷新后重试。');
    END IF;
    IF EXISTS (SELECT FROM account_grant g WHERE g.account_id = target AND g.ended_at IS NULL
            AND g.role = 'auditor' AND coalesce(g.valid_until >= current_date, true)) THEN
        PERFORM refuse('AN403', '审计账号不由管理员变更：请由系统运维人员用命令行 anlan account 办理。');
    END IF;
    IF EXISTS (SELECT FROM account_grant g WHERE g.account_id = target AND g.ended_at IS NULL
            AND coalesce(g.valid_until >= current_date, true)
            AND NOT starts_with(g.area_code, held.area_code)) THEN
        PERFORM refuse('AN403', '这个账号的岗位超出您的管理范围：请由上级管理员办理。');
    END IF;
END $$;

CREATE FUNCTION account_open(new_login text, new_name text, new_bureau text, new_hash text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM acting_grant(ARRAY['administrator']);
    IF new_login !~ '^[A-Za-z0-9_.-]{2,40}$' THEN
        PERFORM refuse('AN400', '登录名应为 2 至 40 个字母、数字或 _ . -：请换一个。');
    END IF;
    IF length(new_name) NOT BETWEEN 1 AND 40 OR length(new_bureau) > 40 OR new_name || new_bureau ~ '[[:cntrl:]]' THEN
        PERFORM refuse('AN400', '请填写姓名；姓名与单位各不超过 40 个字，不含换行等控制字符。');
    END IF;
    INSERT INTO account (login, display_name, bureau, password_hash, must_change_password)
    VALUES (new_login, new_name, new_bureau, new_hash, true)
    ON CONFLICT (login) DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        PERFORM refuse('AN409', format('登录名“%s”已被使用：请换一个。', new_login));
    END IF;
    RETURN made;
END $$;

CREATE FUNCTION account_disable(target bigint, wish boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM require_reach(acting_grant(ARRAY['administrator']), target);
    UPDATE account SET disabled = wish WHERE id = target;
    IF wish THEN
        UPDATE session SET revoked_at = now() WHERE account_id = target AND revoked_at IS NULL;
    END IF;
END $$;

CREATE FUNCTION account_unlock(target bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM require_reach(acting_grant(ARRAY['administrator']), target);
    UPDATE account SET failures = 0, locked_until = NULL, factor_failures = 0, factor_locked_until = NULL
    WHERE id = target;
END $$;

-- Whoever hands out a first password could sign in with it: rights to see children end with a reset and are
-- asked for anew, so that civil affairs decides again.
CREATE FUNCTION account_reset(target bigint, new_hash text, forget_factor boolean) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held account_grant := acting_grant(ARRAY['administrator']);
    asked integer;
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
    WITH ended AS (
        UPDATE account_grant SET ended_at = now(), ended_by = held.account_id
        WHERE account_id = target AND ended_at IS NULL AND role = ANY (child_roles())
            AND coalesce(valid_until >= current_date, true)
        RETURNING account_id, role, area_code, valid_from, valid_until
    )
    INSERT INTO grant_request (account_id, role, area_code, valid_from, valid_until, reason, requested_by)
    SELECT account_id, role, area_code, valid_from, valid_until, '重置密码后须重新批准', held.account_id FROM ended;
    GET DIAGNOSTICS asked = ROW_COUNT;
    RETURN asked;
END $$;

-- Nobody grants what they lack: not beyond their own area, not longer than their own grant, not to themselves.
CREATE FUNCTION grant_give(
    target bigint, wanted text, place text, since date, until date, why text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held account_grant := acting_grant(ARRAY['administrator']);
    found_level text;
BEGIN
    PERFORM require_reach(held, target);
    IF wanted = 'auditor' THEN
        PERFORM refuse('AN403', '审计岗位不由管理员授予：请由系统运维人员用命令行 anlan account 办理。');
    END IF;
    SELECT level INTO found_level FROM area WHERE code = place;
    IF found_level IS NULL OR NOT starts_with(place, held.area_code) THEN
        PERFORM refuse('AN403', '所选区域超出您的管理范围：请选择本辖区内的区域。');
    END IF;
    IF wanted = 'child_director' AND found_level <> 'village' THEN
        PERFORM refuse('AN400', '儿童主任只能授予本村（居）：请选择一个村（居）。');
    END IF;
    IF held.valid_until IS NOT NULL AND (until IS NULL OR until > held.valid_until) THEN
        PERFORM refuse('AN403', format('期限不能晚于您自己的任期（%s）：请改早截止日期。', held.valid_until));
    END IF;
    IF since IS NULL OR until < greatest(since, current_date) THEN
        PERFORM refuse('AN400', '截止日期早于开始日期或今天：请改正。');
    END IF;
    IF length(btrim(why)) NOT BETWEEN 1 AND 300 THEN
        PERFORM refuse('AN400', '请填写授权依据（不超过 300 字）。');
    END IF;
    IF EXISTS (SELECT FROM account_grant g WHERE g.account_id = target AND g.role = wanted
            AND g.area_code = place AND g.ended_at IS NULL AND coalesce(g.valid_until >= current_date, true))
        OR EXISTS (SELECT FROM grant_request r WHERE r.account_id = target AND r.role = wanted
            AND r.area_code = place AND r.decided_at IS NULL) THEN
        PERFORM refuse('AN409', '该账号已有这个岗位，或正在等待批准：无须再授。');
    END IF;
    IF wanted = ANY (child_roles()) THEN
        INSERT INTO grant_request (account_id, role, area_code, valid_from, valid_until, reason, requested_by)
        VALUES (target, wanted, place, since, until, btrim(why), held.account_id);
        RETURN 'requested';
    END IF;
    -- One that has run out makes room for its successor.
    UPDATE account_grant SET ended_at = now(), ended_by = held.account_id
    WHERE account_id = target AND role = wanted AND area_code = place AND ended_at IS NULL;
    INSERT INTO account_grant (account_id, role, area_code, valid_from, valid_until, reason, granted_by, approved_by)
    VALUES (target, wanted, place, since, until, btrim(why), held.account_id, held.account_id);
    RETURN 'granted';
END $$;

CREATE FUNCTION grant_decide(request bigint, wish boolean) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held account_grant := acting_grant(ARRAY['civil']);
    asked grant_request;
BEGIN
    SELECT * INTO asked FROM grant_request WHERE id = request AND decided_at IS NULL FOR UPDATE;
    IF asked.id IS NULL THEN
        PERFORM refuse('AN409', '这项申请已由他人办理：请刷新后查看。');
    END IF;
    IF NOT starts_with(asked.area_code, held.area_code) THEN
        PERFORM refuse('AN403', '这项申请的区域超出您的范围：请由上级民政部门办理。');
    END IF;
    IF held.account_id IN (asked.account_id, asked.requested_by) THEN
        PERFORM refuse('AN403', '不能批准给自己的或自己提出的申请：请由另一位民政人员办理。');
    END IF;
    IF wish AND asked.valid_until < current_date THEN
        PERFORM refuse('AN400', '申请的截止日期已过：请驳回后重新申请。');
    END IF;
    IF wish AND held.valid_until IS NOT NULL
        AND (asked.valid_until IS NULL OR asked.valid_until > held.valid_until) THEN
        PERFORM refuse('AN403', format('期限不能晚于您自己的任期（%s）：请由任期更长者批准。', held.valid_until));
    END IF;
    UPDATE grant_request SET decided_by = held.account_id, decided_at = now(), approved = wish WHERE id = request;
    IF NOT wish THEN
        RETURN NULL;
    END IF;
    UPDATE account_grant SET ended_at = now(), ended_by = held.account_id
    WHERE account_id = asked.account_id AND role = asked.role AND area_code = asked.area_code AND ended_at IS NULL;
    INSERT INTO account_grant (account_id, role, area_code, valid_from, valid_until, reason, granted_by, approved_by)
    VALUES (asked.account_id, asked.role, asked.area_code, asked.valid_from, asked.valid_until, asked.reason,
        asked.requested_by, held.account_id);
    RETURN asked.account_id;
END $$;

-- A grant is undone by ending it: the administrator ends any, civil affairs those that show children.
CREATE FUNCTION grant_end(target bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held account_grant := acting_grant(ARRAY['administrator', 'civil']);
    standing account_grant;
BEGIN
    SELECT * INTO standing FROM account_grant WHERE id = target AND ended_at IS NULL FOR UPDATE;
    IF standing.id IS NULL THEN
        PERFORM refuse('AN409', '这项授权已经结束：请刷新后查看。');
    END IF;
    IF standing.account_id = held.account_id THEN
        PERFORM refuse('AN403', '不能变更自己的账号与权限：请由另一位管理员办理。');
    END IF;
    IF NOT starts_with(standing.area_code, held.area_code) OR standing.role = 'auditor'
        OR (held.role = 'civil' AND standing.role <> ALL (child_roles())) THEN
        PERFORM refuse('AN403', '这项授权不在您的管理范围：请由授权单位办理。');
    END IF;
    UPDATE account_grant SET ended_at = now(), ended_by = held.account_id WHERE id = target;
    RETURN standing.account_id;
END $$;

CREATE FUNCTION session_end(target bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    owner_id bigint;
BEGIN
    SELECT account_id INTO owner_id FROM session WHERE id = target AND revoked_at IS NULL;
    IF owner_id IS NULL THEN
        PERFORM refuse('AN409', '这次登录已经结束：请刷新后查看。');
    END IF;
    PERFORM require_reach(acting_grant(ARRAY['administrator']), owner_id);
    UPDATE session SET revoked_at = now() WHERE id = target;
    RETURN owner_id;
END $$;

-- What a person changes of oneself, proven by the token of one's own living session.
CREATE FUNCTION session_of(token text) RETURNS public.session LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found_session session;
BEGIN
    SELECT s.* INTO found_session FROM session s JOIN account a ON a.id = s.account_id
    WHERE s.token_hash = sha256(convert_to(token, 'UTF8')) AND s.revoked_at IS NULL AND s.expires_at > now()
        AND NOT a.disabled;
    IF found_session.account_id IS NULL THEN
        PERFORM refuse('AN401', '登录已过期：请重新登录。');
    END IF;
    RETURN found_session;
END $$;

-- Every other session ends with the old password. Asked of whoever has a second factor: it was given.
CREATE FUNCTION own_password(token text, new_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE account SET password_hash = new_hash, must_change_password = false, password_changed_at = now()
    WHERE id = mine.account_id AND (must_change_password OR totp_secret IS NULL OR mine.second_factor_at IS NOT NULL);
    IF NOT FOUND THEN
        PERFORM refuse('AN403', '请先输入动态口令。');
    END IF;
    UPDATE session SET revoked_at = now()
    WHERE account_id = mine.account_id AND id <> mine.id AND revoked_at IS NULL;
END $$;

-- Another secret than the one in use may be drafted only by whoever has shown the one in use.
CREATE FUNCTION own_factor_draft(token text, sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE account SET totp_draft = sealed
    WHERE id = mine.account_id AND (totp_secret IS NULL OR mine.second_factor_at IS NOT NULL);
    IF NOT FOUND THEN
        PERFORM refuse('AN403', '请先输入动态口令。');
    END IF;
END $$;

-- Count an attempt before the code is looked at: the fifth locks for fifteen minutes unless it is right.
CREATE FUNCTION own_factor_attempt(
    token text, OUT account_id bigint, OUT secret bytea, OUT draft bytea, OUT last_step bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE account a SET factor_failures = (a.factor_failures + 1) % 5,
        factor_locked_until = CASE WHEN a.factor_failures + 1 >= 5 THEN now() + interval '15 minutes'
            ELSE a.factor_locked_until END
    WHERE a.id = mine.account_id AND coalesce(a.factor_locked_until <= now(), true)
    RETURNING a.id, a.totp_secret, a.totp_draft, a.totp_last_step INTO account_id, secret, draft, last_step;
END $$;

CREATE FUNCTION own_factor_pass(token text, step bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE account SET totp_last_step = step, factor_failures = 0, factor_locked_until = NULL
    WHERE id = mine.account_id AND totp_last_step < step;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE session SET second_factor_at = now() WHERE id = mine.id;
    RETURN true;
END $$;

CREATE FUNCTION own_factor_confirm(token text, step bigint, codes bytea[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE account SET totp_secret = totp_draft, totp_draft = NULL, totp_last_step = step, factor_failures = 0,
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

CREATE FUNCTION own_factor_recover(token text, code bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE recovery_code SET used_at = now()
    WHERE code_hash = code AND account_id = mine.account_id AND used_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE account SET factor_failures = 0, factor_locked_until = NULL WHERE id = mine.account_id;
    UPDATE session SET second_factor_at = now() WHERE id = mine.id;
    RETURN true;
END $$;

CREATE FUNCTION own_post(token text, wanted bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE session SET post_id = wanted WHERE id = mine.id AND EXISTS (
        SELECT FROM account_grant g WHERE g.id = wanted AND g.account_id = mine.account_id AND in_force(g));
    IF NOT FOUND THEN
        PERFORM refuse('AN403', '您没有这个岗位，或任期已满：请重新选择。');
    END IF;
END $$;

CREATE FUNCTION own_session_end(token text, target bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine session := session_of(token);
BEGIN
    UPDATE session SET revoked_at = now()
    WHERE id = target AND account_id = mine.account_id AND revoked_at IS NULL;
END $$;

REVOKE ALL ON FUNCTION refuse, child_roles, in_force, acting_grant, require_reach, account_open, account_disable,
    account_unlock, account_reset, grant_give, grant_decide, grant_end, session_end, session_of, own_password,
    own_factor_draft, own_factor_attempt, own_factor_pass, own_factor_confirm, own_factor_recover, own_post,
    own_session_end FROM PUBLIC;
