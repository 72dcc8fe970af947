-- An index over long identifiers that come in no order costs a bundle more than the objects themselves do. So an
-- object has no key of its own beside that of its newest version, and what nobody asks for stands in no index.
CREATE TABLE stix_object_lean (
    object {text} NOT NULL,
    kind {text} NOT NULL,
    -- What it is called; empty where it is not.
    name {text} NOT NULL,
    -- The number under which ATT&CK knows it.
    number {text} NOT NULL,
    -- The CVE numbers of a vulnerability, with spaces between them.
    cves {text} NOT NULL,
    verbatim {text} NOT NULL,
    hash {bytes} NOT NULL,
    -- How many bytes it has.
    size {int} NOT NULL,
    -- Of this version; empty for observables, which have none.
    modified {time},
    newest {bool} NOT NULL,
    document_id {id} NOT NULL REFERENCES source_document (id),
    recorded_at {time} NOT NULL
) {strict};
INSERT INTO stix_object_lean (object, kind, name, number, cves, verbatim, hash, size, modified, newest, document_id,
                              recorded_at)
SELECT object, kind, name, number, cves, verbatim, hash, size, modified, newest, document_id, recorded_at
FROM stix_object;
DROP TABLE stix_object;
ALTER TABLE stix_object_lean RENAME TO stix_object;
CREATE UNIQUE INDEX stix_object_newest ON stix_object (object) WHERE newest = TRUE;
CREATE UNIQUE INDEX stix_object_older ON stix_object (object, modified) WHERE newest = FALSE;
-- Three objects of four are relationships, of which no document is asked.
CREATE INDEX stix_object_document ON stix_object (document_id, object)
    WHERE newest = TRUE AND kind <> 'relationship';

CREATE TABLE stix_relation_lean (
    -- The object that says so: a relationship, or the source itself. It says each thing once.
    said_by {text} NOT NULL,
    source {text} NOT NULL,
    name {text} NOT NULL,
    target {text} NOT NULL,
    -- Whether it is worth telling: who wrote an object, and how it is marked, is told otherwise.
    told {bool} NOT NULL
) {strict};
INSERT INTO stix_relation_lean (said_by, source, name, target, told)
SELECT said_by, source, name, target, told FROM stix_relation;
DROP TABLE stix_relation;
ALTER TABLE stix_relation_lean RENAME TO stix_relation;
CREATE INDEX stix_relation_said ON stix_relation (said_by);
CREATE INDEX stix_relation_source ON stix_relation (source, name, target) WHERE told = TRUE;
CREATE INDEX stix_relation_target ON stix_relation (target, name, source);
