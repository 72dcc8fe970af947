-- What an authority said by RFC 3161 about when a piece of evidence was there. The token proves it to anybody.
CREATE TABLE evidence_stamp (
    evidence_id {id} PRIMARY KEY REFERENCES evidence (id),
    -- The moment that the authority names.
    stamped_at {time} NOT NULL,
    token {bytes} NOT NULL
) {strict};
