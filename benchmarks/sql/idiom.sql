-- Buffer, union, intersection, difference: the idiom of a hundred tutorials, bank by bank so that it ends.
WITH exposed AS (
    SELECT b.bank, ST_Intersection(b.geom, near.geom) AS geom
    FROM bench_bank AS b
    CROSS JOIN LATERAL (
        SELECT ST_Union(ST_Buffer(p.geom, %(exposure_m)s)) AS geom
        FROM bench_place AS p
        WHERE ST_DWithin(p.geom, b.geom, %(exposure_m)s)
    ) AS near
    WHERE near.geom IS NOT NULL
), gaps AS (
    SELECT e.bank, (ST_Dump(coalesce(ST_Difference(e.geom, reached.geom), e.geom))).geom AS geom
    FROM exposed AS e
    CROSS JOIN LATERAL (
        SELECT ST_Union(ST_Buffer(s.geom, s.reach_m)) AS geom
        FROM bench_set AS s
        WHERE ST_DWithin(s.geom, e.geom, s.reach_m)
    ) AS reached
)
SELECT (SELECT sum(ST_Length(geom)) FROM exposed), sum(ST_Length(geom)),
    count(*) FILTER (WHERE ST_Length(geom) > %(least_m)s)
FROM gaps
