-- Up Migration
ALTER TABLE pam.models ADD COLUMN reason text;
COMMENT ON COLUMN pam.models.reason IS 'Why it has its status, in words with figures; null before a choice.';

-- Down Migration
ALTER TABLE pam.models DROP COLUMN reason;
