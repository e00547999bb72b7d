CREATE INDEX ON bench_bank USING gist (geom);
CREATE INDEX ON bench_place USING gist (geom);
CREATE INDEX ON bench_set USING gist (geom);
CREATE INDEX ON bench_set (bank);
ANALYZE bench_bank;
ANALYZE bench_place;
ANALYZE bench_set;
