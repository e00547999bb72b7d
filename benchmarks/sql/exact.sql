-- Segments, circle roots, and a difference of range unions: exact, in plain SQL (num ranges on float8 text).
WITH segment AS (
    SELECT b.bank, d.path[1] AS n, ST_StartPoint(d.geom) AS a, ST_EndPoint(d.geom) AS z, ST_Length(d.geom) AS l,
        d.geom
    FROM bench_bank AS b CROSS JOIN LATERAL ST_DumpSegments(b.geom) AS d
), measured AS (
    SELECT *, sum(l) OVER (PARTITION BY bank ORDER BY n) - l AS m0 FROM segment WHERE l > 0
), hit AS (
    SELECT s.bank, s.m0, s.l,
        ((ST_X(p.geom) - ST_X(s.a)) * (ST_X(s.z) - ST_X(s.a))
            + (ST_Y(p.geom) - ST_Y(s.a)) * (ST_Y(s.z) - ST_Y(s.a))) / s.l AS t,
        ((ST_X(s.z) - ST_X(s.a)) * (ST_Y(p.geom) - ST_Y(s.a))
            - (ST_Y(s.z) - ST_Y(s.a)) * (ST_X(p.geom) - ST_X(s.a))) / s.l AS d
    FROM measured AS s JOIN bench_place AS p ON ST_DWithin(p.geom, s.geom, %(exposure_m)s)
), root AS (
    SELECT bank, m0, l, t, sqrt(greatest(%(exposure_m)s * %(exposure_m)s - d * d, 0)) AS h FROM hit
), exposed AS (
    SELECT bank, range_agg(numrange((m0 + greatest(t - h, 0))::numeric(20, 7),
        (m0 + least(t + h, l))::numeric(20, 7), '[]')) AS stretches
    FROM root WHERE t - h <= l AND t + h >= 0 GROUP BY bank
), covered AS (
    SELECT bank, range_agg(numrange(from_m::numeric(20, 7), to_m::numeric(20, 7), '[]')) AS stretches
    FROM bench_set GROUP BY bank
), gap AS (
    SELECT e.bank, g
    FROM exposed AS e LEFT JOIN covered AS c USING (bank)
    CROSS JOIN LATERAL unnest(e.stretches - coalesce(c.stretches, '{}'::nummultirange)) AS g
)
SELECT (SELECT sum(upper(x) - lower(x))::float8 FROM exposed CROSS JOIN LATERAL unnest(stretches) AS x),
    sum(upper(g) - lower(g))::float8, count(*) FILTER (WHERE upper(g) - lower(g) > %(least_m)s)
FROM gap
