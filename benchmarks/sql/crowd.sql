-- 200,000 invented children in one prefecture of 12 counties, 204 townships and 2,040 villages, each near a few of 6,000
-- waters and 600 hazards: what row security is measured on. Run as superuser, in an empty migrated database.
SET session_replication_role = replica;
SELECT setseed(0.5);
INSERT INTO area (code, name, level, parent_code) VALUES ('4305', '市', 'prefecture', NULL);
INSERT INTO area (code, name, level, parent_code)
SELECT '4305' || lpad(c::text, 2, '0'), '县', 'county', '4305' FROM generate_series(1, 12) AS c;
INSERT INTO area (code, name, level, parent_code)
SELECT code || lpad(t::text, 3, '0'), '乡', 'township', code FROM area, generate_series(1, 17) AS t WHERE level = 'county';
INSERT INTO area (code, name, level, parent_code)
SELECT code || lpad(v::text, 3, '0'), '村', 'village', code FROM area, generate_series(1, 10) AS v WHERE level = 'township';
CREATE TEMPORARY TABLE place AS
SELECT code, row_number() OVER (ORDER BY code) - 1 AS number, 110.0 + random() * 2 AS lon, 26.0 + random() * 1.5 AS lat
FROM area WHERE level = 'village';
INSERT INTO water (code, name, kind, area_code, geom)
SELECT 'W' || w, '塘', 'pond', p.code, ST_Buffer(ST_SetSRID(ST_MakePoint(p.lon + random() * 0.02, p.lat + random() * 0.02), 4490), 0.0003, 2)
FROM generate_series(0, 5999) AS w JOIN place AS p ON p.number = w % 2040;
INSERT INTO hazard (code, title, domain, grade, state, area_code, geom, found_on)
SELECT 'H' || h, '隐患', 'B', 'general', 'found', p.code, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4490), current_date
FROM generate_series(0, 599) AS h JOIN place AS p ON p.number = (h * 7) % 2040;
INSERT INTO child (code, area_code, category, birth_month, sealed)
SELECT 'C' || c, p.code, 'left_behind', date '2014-01-01' + (c % 100) * interval '1 month', c % 997 = 0
FROM generate_series(0, 199999) AS c JOIN place AS p ON p.number = c % 2040;
INSERT INTO home (child_id, area_code, geom)
SELECT c.id, c.area_code, ST_SetSRID(ST_MakePoint(p.lon + random() * 0.02, p.lat + random() * 0.02), 4490)
FROM child AS c JOIN place AS p ON p.code = c.area_code;
INSERT INTO proximity (child_id, target_kind, target_id, area_code, distance_m)
SELECT c.id, 'water', w.id, c.area_code, random() * 800
FROM child AS c JOIN water AS w ON w.area_code = c.area_code WHERE c.id % 2 = w.id % 2;
INSERT INTO proximity (child_id, target_kind, target_id, area_code, distance_m)
SELECT c.id, 'hazard', h.id, c.area_code, random() * 800
FROM child AS c JOIN hazard AS h ON h.area_code = c.area_code WHERE c.id % 3 = 0;
SET session_replication_role = DEFAULT;
VACUUM (ANALYZE) area;
VACUUM (ANALYZE) water;
VACUUM (ANALYZE) hazard;
VACUUM (ANALYZE) child;
VACUUM (ANALYZE) home;
VACUUM (ANALYZE) proximity;
