-- A key may be the CERT's own: then it belongs to no organisation. Neither engine changes the column with
-- the other's words, so that the table is made anew, to which nothing refers.
CREATE TABLE api_key_of_anybody (
    id {id} PRIMARY KEY,
    hash {bytes} NOT NULL UNIQUE,
    name {text} NOT NULL,
    -- To which organisation it was given; the CERT's own where it is NULL.
    organisation_id {id} REFERENCES organisation (id),
    scopes {text} NOT NULL,
    created_by {id} NOT NULL,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    revoked_at {time},
    -- To the hour: a write for each call would cost more than the call.
    used_at {time}
) {strict};
INSERT INTO api_key_of_anybody (id, hash, name, organisation_id, scopes, created_by, created_at, expires_at, revoked_at,
                                used_at)
SELECT id, hash, name, organisation_id, scopes, created_by, created_at, expires_at, revoked_at, used_at FROM api_key;
DROP TABLE api_key;
ALTER TABLE api_key_of_anybody RENAME TO api_key;
CREATE INDEX api_key_organisation ON api_key (organisation_id, created_at, id);
