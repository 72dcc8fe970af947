-- Of which severities (their codes, with a space before and behind each) the mobiles of a mailbox are told by text, because
-- somebody chose so. Kept beside the document, so that a query can join by it. A contact without a mailbox has its row by
-- the number of its mobile.
ALTER TABLE notification ADD COLUMN texted {text};

-- The numbers of contacts that were forgotten before their mobiles were forgotten with them.
UPDATE contact SET mobile = NULL WHERE mobile IS NOT NULL AND telephone IS NULL;
