CREATE TABLE shared_home (
    child_id BIGINT NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    geom geometry(POINT,4490) NOT NULL,
    CONSTRAINT pk_shared_home PRIMARY KEY (child_id),
    CONSTRAINT ck_shared_home_geom_not_empty CHECK (NOT ST_IsEmpty(geom)),
    CONSTRAINT ck_shared_home_geom_in_range CHECK (ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90),
    CONSTRAINT ck_shared_home_geom_valid CHECK (ST_IsValid(geom)),
    CONSTRAINT fk_shared_home_child_id FOREIGN KEY(child_id) REFERENCES child (id) ON DELETE CASCADE,
    CONSTRAINT fk_shared_home_area_code FOREIGN KEY(area_code) REFERENCES area (code)
);

CREATE INDEX ix_shared_home_area_code ON shared_home (area_code);

CREATE INDEX ix_shared_home_geom ON shared_home USING gist (geom);

ALTER TABLE shared_home ALTER COLUMN geom SET STATISTICS 0;

CREATE TABLE sharing_run (
    shared_on DATE NOT NULL,
    homes BIGINT NOT NULL,
    CONSTRAINT pk_sharing_run PRIMARY KEY (shared_on)
);

COMMENT ON COLUMN sharing_run.homes IS 'how many entered, moved or left';

ALTER TABLE water ADD COLUMN drawn_by BIGINT CONSTRAINT fk_water_drawn_by REFERENCES account (id);

COMMENT ON COLUMN water.drawn_by IS 'who set its shape';

CREATE FUNCTION verify_by_second() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    actor bigint := nullif(current_setting('app.account', true), '')::bigint;
BEGIN
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
                RAISE EXCEPTION 'a water is verified by a second person' USING ERRCODE = 'check_violation';
            END IF;
            NEW.verified_by := actor;
            NEW.verified_at := current_date;
        END IF;
    ELSE
        NEW.drawn_by := OLD.drawn_by;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER verify_by_second BEFORE INSERT OR UPDATE ON water
FOR EACH ROW EXECUTE FUNCTION verify_by_second();

REVOKE ALL ON FUNCTION verify_by_second() FROM PUBLIC
