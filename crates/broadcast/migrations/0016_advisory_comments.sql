-- What reviewers and authors say to each other about a version before it is published.
CREATE TABLE advisory_comment (
    id {id} PRIMARY KEY,
    version_id {id} NOT NULL REFERENCES advisory_version (id),
    -- The topic that it is about; NULL where it is about the whole.
    topic {text},
    comment {text} NOT NULL,
    commented_by {id} NOT NULL,
    commented_at {time} NOT NULL,
    -- Who said that it is dealt with, and when.
    settled_by {id},
    settled_at {time}
) {strict};
CREATE INDEX advisory_comment_of ON advisory_comment (version_id, id);
