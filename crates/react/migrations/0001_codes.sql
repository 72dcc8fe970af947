-- A printed sheet of one-time codes, by which an organisation reports without signing in.
CREATE TABLE code_sheet (
    id {id} PRIMARY KEY,
    organisation_id {id} NOT NULL,
    made_by {id} NOT NULL,
    made_at {time} NOT NULL,
    -- How many codes stand on it.
    size {int} NOT NULL,
    revoked_at {time},
    revoked_by {id}
) {strict};
CREATE INDEX code_sheet_organisation ON code_sheet (organisation_id, id);

CREATE TABLE report_code (
    id {id} PRIMARY KEY,
    sheet_id {id} NOT NULL REFERENCES code_sheet (id),
    organisation_id {id} NOT NULL,
    -- Its place on the sheet, from 1.
    place {int} NOT NULL,
    -- The code itself is nowhere but on the sheet.
    hash {bytes} NOT NULL UNIQUE,
    used_at {time},
    revoked_at {time},
    UNIQUE (sheet_id, place)
) {strict};
