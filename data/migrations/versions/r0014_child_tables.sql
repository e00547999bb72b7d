CREATE TABLE child_tally (
    since DATE NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    children INTEGER NOT NULL,
    CONSTRAINT pk_child_tally PRIMARY KEY (since, area_code, name),
    CONSTRAINT ck_child_tally_children_positive CHECK (children >= 0)
);

COMMENT ON COLUMN child_tally.since IS 'first day of the quarter that first told of the row';

COMMENT ON COLUMN child_tally.area_code IS 'as it was then';

COMMENT ON COLUMN child_tally.name IS 'column of the table';

CREATE TABLE child_table (
    period DATE NOT NULL,
    as_of DATE NOT NULL,
    parameters JSONB NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_child_table PRIMARY KEY (period)
);

COMMENT ON COLUMN child_table.period IS 'first day of the quarter';

COMMENT ON COLUMN child_table.as_of IS 'day of the count';

CREATE TABLE child_table_cell (
    period DATE NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    since DATE NOT NULL,
    children INTEGER,
    CONSTRAINT pk_child_table_cell PRIMARY KEY (period, area_code, name),
    CONSTRAINT ck_child_table_cell_children_positive CHECK (children >= 0),
    CONSTRAINT fk_child_table_cell_period FOREIGN KEY(period) REFERENCES child_table (period)
);

COMMENT ON COLUMN child_table_cell.area_code IS 'as it was then';

COMMENT ON COLUMN child_table_cell.name IS 'column of the table';

COMMENT ON COLUMN child_table_cell.since IS 'quarter from which on the row is told unchanged';

COMMENT ON COLUMN child_table_cell.children IS 'none where withheld'
