-- Whose a key is: 'trust' or 'cert'.
ALTER TABLE demo_key ADD COLUMN whose {text} NOT NULL DEFAULT 'trust';
