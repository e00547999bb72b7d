-- Whoever sets how an account is entered could enter it: requests that wait for it count as that person's own.
CREATE OR REPLACE FUNCTION child_grants_anew(actor bigint, target bigint, why text) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    asked integer;
BEGIN
    UPDATE grant_request SET requested_by = actor WHERE account_id = target AND decided_at IS NULL;
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

-- Marks that turn the direction of writing or cannot be seen could make an approver read other words.
CREATE OR REPLACE FUNCTION child_export_said(said text, fewest integer, what text) RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF said ~ '[[:cntrl:]\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]' THEN
        PERFORM refuse('AN400', format('%s里有看不见的字符或改变文字方向的符号：请删去后重新填写。', what));
    END IF;
    IF coalesce(length(btrim(said)), 0) NOT BETWEEN fewest AND 300 THEN
        PERFORM refuse('AN400', format('请用 %s 至 300 个字写明%s，勿写姓名、住址。', fewest, what));
    END IF;
    RETURN btrim(said);
END $$;

-- Each step leaves an act, the beginning of the ten minutes too.
CREATE OR REPLACE FUNCTION child_export_start(wanted bigint) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine child_export := child_export_ready(wanted);
BEGIN
    IF mine.started_at IS NOT NULL THEN
        PERFORM refuse('AN409', '下载链接已生成：只能生成一次，请在页面上点“下载”。');
    END IF;
    UPDATE child_export SET started_at = now(), lapses_at = now() + interval '10 minutes' WHERE id = wanted;
    PERFORM record_child_export(mine, 'child_export.start', mine.account_id, 'civil', '生成下载链接', 0);
    RETURN now() + interval '10 minutes';
END $$;

ALTER FUNCTION guard_twin_verdict() SET search_path = pg_catalog, public, pg_temp;
