-- What a document calls itself, where it does, and what was found out on taking it in: whether its checksum
-- and signature hold, and what its reader remarked (broadcast::source::Findings as one document).
ALTER TABLE source_document ADD COLUMN title {text};
ALTER TABLE source_document ADD COLUMN findings {text};
CREATE INDEX source_document_taken ON source_document (taken_in_at DESC, id DESC);
CREATE INDEX source_document_of ON source_document (source, taken_in_at DESC, id DESC);

-- The one revision of a document that is believed, of those that were taken in.
CREATE TABLE document_revision (
    source {text} NOT NULL,
    -- What its publisher calls it through all its revisions.
    series {text} NOT NULL,
    document_id {id} NOT NULL REFERENCES source_document (id),
    version {text},
    released_at {time},
    PRIMARY KEY (source, series)
) {strict};
