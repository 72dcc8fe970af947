-- A file that is kept as evidence of an incident. Nobody opens it here: it is a hash, a size, and bytes that are handed
-- out as they came.
CREATE TABLE evidence (
    id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    -- own, shared or cert; see react::case::Zone.
    zone {text} NOT NULL,
    -- The form that it was sent with: sent twice, it is one piece.
    form {id} NOT NULL UNIQUE,
    -- The SHA-256 of what came, and how many bytes came: they stay when the bytes are forgotten.
    hash {bytes} NOT NULL,
    size {int} NOT NULL,
    -- The bytes; NULL once they are forgotten, and the words with them.
    blob_hash {bytes} REFERENCES blob (hash),
    -- Whether whoever sent it told its hash too, and it was the same.
    compared {bool} NOT NULL,
    -- What the file was called, as text: it is no path and names nothing.
    name {text} NOT NULL,
    about {text} NOT NULL,
    found {text} NOT NULL,
    -- When and by whom it was collected, as far as is known.
    collected_at {time},
    collected_by {text} NOT NULL,
    person_id {id} NOT NULL,
    through_id {id},
    kept_at {time} NOT NULL,
    withdrawn_at {time},
    version {int} NOT NULL
) {strict};
CREATE INDEX evidence_of ON evidence (incident_id, id);
CREATE INDEX evidence_blob ON evidence (blob_hash);
CREATE INDEX evidence_held ON evidence (incident_id) WHERE blob_hash IS NOT NULL;
CREATE INDEX evidence_withdrawn ON evidence (withdrawn_at) WHERE withdrawn_at IS NOT NULL AND blob_hash IS NOT NULL;
CREATE INDEX incident_closed ON incident (closed_at, id) WHERE closed_at IS NOT NULL;

-- What was done with a piece of evidence, by whom and why. Nothing of it is changed but that its words are forgotten
-- with those of the piece.
CREATE TABLE custody (
    id {id} PRIMARY KEY,
    evidence_id {id} NOT NULL REFERENCES evidence (id),
    -- See react::evidence::Deed.
    deed {text} NOT NULL,
    at {time} NOT NULL,
    -- Who; neither where nobody did it, as when its time was over.
    person_id {id},
    through_id {id},
    why {text} NOT NULL,
    -- To whom it was handed over; empty where it was not.
    whom {text} NOT NULL,
    -- The form that it was sent with: sent twice, it is one deed. NULL where each time is one of its own.
    form {id} UNIQUE
) {strict};
CREATE INDEX custody_of ON custody (evidence_id, id);
