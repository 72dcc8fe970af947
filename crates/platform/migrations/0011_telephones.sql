-- Since when a contact has its telephone number: one that was changed just before an incident proves nothing when
-- it is rung. NULL for contacts from before this migration: since the contact began.
ALTER TABLE contact ADD COLUMN telephone_since {time};
