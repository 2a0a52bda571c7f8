-- Up Migration

ALTER TABLE pam.bins ADD COLUMN imported_at timestamptz;
COMMENT ON COLUMN pam.bins.imported_at IS 'When it was imported from a file: it is kept for as long from then on; null = measured by PAM.';

-- Down Migration

ALTER TABLE pam.bins DROP COLUMN imported_at;
