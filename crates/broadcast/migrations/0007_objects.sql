-- Objects of STIX bundles, every version of each as it stood, whatever its type.
CREATE TABLE stix_object (
    -- Its identifier and, after a space, the moment of this version in microseconds: many are looked up by it.
    version {text} PRIMARY KEY,
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
    -- Empty for observables, which have no versions.
    modified {time},
    newest {bool} NOT NULL,
    document_id {id} NOT NULL REFERENCES source_document (id),
    recorded_at {time} NOT NULL
) {strict};
CREATE UNIQUE INDEX stix_object_newest ON stix_object (object) WHERE newest = TRUE;
CREATE INDEX stix_object_document ON stix_object (document_id, object) WHERE newest = TRUE;

-- Which object has to do with which: by a relationship, or by a property that names the other. Of the
-- newest versions alone, and of relationships that hold.
CREATE TABLE stix_relation (
    -- The object that says so: a relationship, or the source itself.
    said_by {text} NOT NULL,
    source {text} NOT NULL,
    name {text} NOT NULL,
    target {text} NOT NULL,
    -- Whether it is worth telling: who wrote an object, and how it is marked, is told otherwise.
    told {bool} NOT NULL,
    PRIMARY KEY (said_by, source, name, target)
) {strict};
CREATE INDEX stix_relation_source ON stix_relation (source, name, target) WHERE told = TRUE;
CREATE INDEX stix_relation_target ON stix_relation (target, name, source);

-- The list's usual view: techniques and groups are knowledge to look up, nothing to be judged.
CREATE INDEX threat_triage ON threat (status, rank DESC, dated DESC, id DESC)
    WHERE kind NOT IN ('attack_pattern', 'threat_actor');
