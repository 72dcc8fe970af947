-- A document's page lists what it says of threats, in the order in which it was taken in.
CREATE INDEX threat_statement_document ON threat_statement (document_id, id);
