ALTER TABLE bank ADD COLUMN start_m DOUBLE PRECISION DEFAULT 0 NOT NULL;
COMMENT ON COLUMN bank.start_m IS 'where the part begins on the whole bank: chainage is start_m + m';
ALTER TABLE bank_finding ADD COLUMN physical_m DOUBLE PRECISION DEFAULT 0 NOT NULL,
    ADD COLUMN technical_m DOUBLE PRECISION DEFAULT 0 NOT NULL,
    ADD COLUMN personal_m DOUBLE PRECISION DEFAULT 0 NOT NULL,
    ADD COLUMN physical_only_m DOUBLE PRECISION DEFAULT 0 NOT NULL,
    ADD COLUMN technical_only_m DOUBLE PRECISION DEFAULT 0 NOT NULL,
    ADD COLUMN personal_only_m DOUBLE PRECISION DEFAULT 0 NOT NULL;
ALTER TABLE covered_stretch ADD COLUMN layer TEXT DEFAULT 'physical' NOT NULL,
    ADD CONSTRAINT ck_covered_stretch_layer_known CHECK (layer IN ('physical', 'technical', 'personal'));
ALTER TABLE gap ADD COLUMN what_closes TEXT DEFAULT 'new_set' NOT NULL,
    ADD COLUMN new_sets INTEGER DEFAULT 0 NOT NULL,
    ADD COLUMN beyond_rope BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN barrier_advised BOOLEAN DEFAULT false NOT NULL,
    ADD CONSTRAINT ck_gap_what_closes_known CHECK (what_closes IN ('verify', 'complete_set', 'new_set'));
COMMENT ON COLUMN gap.new_sets IS 'sets that would close it';
COMMENT ON COLUMN gap.beyond_rope IS 'no rope from the bank reaches the middle';
CREATE TABLE gap_weight (
	gap_id BIGINT NOT NULL, 
	area_code TEXT COLLATE "C" NOT NULL, 
	weight_t DOUBLE PRECISION NOT NULL, 
	weight_p DOUBLE PRECISION NOT NULL, 
	weight_y DOUBLE PRECISION NOT NULL, 
	weight_school DOUBLE PRECISION NOT NULL, 
	weight_village DOUBLE PRECISION NOT NULL, 
	CONSTRAINT pk_gap_weight PRIMARY KEY (gap_id), 
	CONSTRAINT fk_gap_weight_gap_id FOREIGN KEY(gap_id) REFERENCES gap (id) ON DELETE CASCADE, 
	CONSTRAINT fk_gap_weight_area_code FOREIGN KEY(area_code) REFERENCES area (code)
);
CREATE INDEX ix_gap_weight_area_code ON gap_weight (area_code);
COMMENT ON COLUMN gap_weight.weight_t IS '0–4 years';
COMMENT ON COLUMN gap_weight.weight_p IS '5–11 years';
COMMENT ON COLUMN gap_weight.weight_y IS '12–16 years';
INSERT INTO finding_queue (kind, why) VALUES ('everything', 'schema');
