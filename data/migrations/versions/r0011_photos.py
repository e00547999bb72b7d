"""Keep pictures as files; let photos be written inside the area, and withdrawn."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Nothing wrote photos before: on a table with rows the first statement fails and all stays as it is.
UP = """
ALTER TABLE photo ADD COLUMN area_code TEXT COLLATE "C" NOT NULL;
ALTER TABLE photo DROP COLUMN content,
    ADD COLUMN hidden_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN hidden_by BIGINT,
    ADD CONSTRAINT fk_photo_area_code FOREIGN KEY (area_code) REFERENCES area (code),
    ADD CONSTRAINT fk_photo_hidden_by FOREIGN KEY (hidden_by) REFERENCES account (id),
    ADD CONSTRAINT ck_photo_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$');
CREATE INDEX ix_photo_area_code ON photo (area_code);
COMMENT ON COLUMN photo.hidden_at IS 'withdrawn: no longer shown, still kept';
COMMENT ON COLUMN photo.sha256 IS 'names the file: a re-encoded JPEG without metadata, at most 2048 px';
"""
DOWN = """
DO $$ DECLARE held RECORD; BEGIN
    FOR held IN SELECT policyname FROM pg_policies WHERE schemaname = 'public' AND tablename = 'photo' LOOP
        EXECUTE format('DROP POLICY %I ON photo', held.policyname);
    END LOOP;
END $$;
DROP INDEX ix_photo_area_code;
ALTER TABLE photo DROP CONSTRAINT ck_photo_sha256_form, DROP CONSTRAINT fk_photo_hidden_by,
    DROP CONSTRAINT fk_photo_area_code, DROP COLUMN hidden_by, DROP COLUMN hidden_at, DROP COLUMN area_code,
    ADD COLUMN content BYTEA NOT NULL DEFAULT '';
ALTER TABLE photo ALTER COLUMN content DROP DEFAULT;
COMMENT ON COLUMN photo.content IS 're-encoded JPEG without metadata, at most 2048 px';
COMMENT ON COLUMN photo.sha256 IS NULL;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
