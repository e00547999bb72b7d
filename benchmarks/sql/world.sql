CREATE TEMP TABLE bench_bank (bank bigint, length_m float8, geom geometry(LineString));
CREATE TEMP TABLE bench_place (geom geometry(Point));
CREATE TEMP TABLE bench_set (bank bigint, from_m float8, to_m float8, reach_m float8, geom geometry(Point));
