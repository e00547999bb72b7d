CREATE TABLE hazard_exposure (
    hazard_id BIGINT NOT NULL,
    grade TEXT NOT NULL,
    children_band TEXT NOT NULL,
    CONSTRAINT pk_hazard_exposure PRIMARY KEY (hazard_id),
    CONSTRAINT ck_hazard_exposure_grade_known CHECK (grade IN ('A', 'B', 'C')),
    CONSTRAINT ck_hazard_exposure_children_band_known CHECK (children_band IN ('0', '<5', '5-9', '10-19', '20+')),
    CONSTRAINT fk_hazard_exposure_hazard_id FOREIGN KEY(hazard_id) REFERENCES hazard (id) ON DELETE CASCADE
);

-- As waters: the day on which a second person confirmed the place, and who set it.
ALTER TABLE hazard ALTER COLUMN verified_at TYPE DATE
    USING CAST(verified_at AT TIME ZONE 'Asia/Shanghai' AS date);
ALTER TABLE hazard ADD COLUMN drawn_by BIGINT CONSTRAINT fk_hazard_drawn_by REFERENCES account (id);
COMMENT ON COLUMN hazard.drawn_by IS 'who set its place';
-- What was confirmed before anybody asked who had set the place is confirmed anew, by somebody else.
UPDATE hazard SET drawn_by = coalesce(reported_by, (SELECT b.account_id FROM import_batch b WHERE b.id = batch_id));
UPDATE hazard SET verified_at = NULL, verified_by = NULL WHERE verified_by IS NOT NULL OR drawn_by IS NOT NULL;

CREATE OR REPLACE FUNCTION verify_by_second() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    actor bigint := nullif(current_setting('app.account', true), '')::bigint;
BEGIN
    -- Undoing an import gives back whose place it was and who had confirmed it.
    IF TG_OP = 'UPDATE' AND current_user = 'anlan_importer'
        AND current_setting('app.restoring', true) = 'on' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' OR NEW.geom IS DISTINCT FROM OLD.geom THEN
        NEW.drawn_by := actor;
        -- A shape that a person just set is verified by nobody; what the machine loads brings its own day.
        IF TG_OP = 'UPDATE' OR actor IS NOT NULL THEN
            NEW.verified_at := NULL;
            NEW.verified_by := NULL;
        END IF;
    ELSIF NEW.verified_at IS DISTINCT FROM OLD.verified_at AND NEW.verified_at IS NOT NULL THEN
        NEW.drawn_by := OLD.drawn_by;
        IF actor IS NOT NULL THEN
            IF actor = OLD.drawn_by THEN
                RAISE EXCEPTION 'a % is verified by a second person', TG_TABLE_NAME
                    USING ERRCODE = 'check_violation';
            END IF;
            NEW.verified_by := actor;
            NEW.verified_at := current_date;
        END IF;
    ELSE
        NEW.drawn_by := OLD.drawn_by;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER verify_by_second BEFORE INSERT OR UPDATE ON hazard
FOR EACH ROW EXECUTE FUNCTION verify_by_second();
