-- Threats have kinds of their own; an advisory's type follows from them.
UPDATE threat SET kind = CASE kind WHEN 'attack_methodology' THEN 'attack_pattern'
                                   WHEN 'insecure_software' THEN 'vulnerability'
                                   WHEN 'intelligence' THEN 'report' ELSE kind END;
UPDATE threat_statement SET said = replace(replace(replace(said,
    '"kind":"attack_methodology"', '"kind":"attack_pattern"'),
    '"kind":"insecure_software"', '"kind":"vulnerability"'),
    '"kind":"intelligence"', '"kind":"report"');

-- The headline: CVSS in tenths and EPSS in billionths, where any source tells them.
ALTER TABLE threat ADD COLUMN score {int};
ALTER TABLE threat ADD COLUMN epss {int};
-- Whether it concerns a medical device.
ALTER TABLE threat ADD COLUMN medical {bool} NOT NULL DEFAULT FALSE;
CREATE INDEX threat_medical ON threat (rank DESC, dated DESC, id DESC) WHERE medical = TRUE;

-- Ranks from now on: exploited, ransomware, then how likely and how severe (broadcast::threat::Picture).
UPDATE threat SET rank = CASE WHEN rank >= 2 THEN (rank + 1) * 1000000 ELSE rank * 2000000 END;

-- Vulnerabilities that a threat speaks of without being about one of them alone: a report, a campaign.
CREATE TABLE threat_mention (
    cve {text} NOT NULL,
    threat_id {id} NOT NULL REFERENCES threat (id),
    PRIMARY KEY (cve, threat_id)
) {strict};
CREATE INDEX threat_mention_of ON threat_mention (threat_id);

-- What a source changed about how urgent a threat looks, so that a list that was sorted anew says why.
CREATE TABLE threat_change (
    threat_id {id} NOT NULL REFERENCES threat (id),
    id {id} NOT NULL,
    at {time} NOT NULL,
    source {text} NOT NULL,
    -- broadcast::threat::Looks as one document, each.
    was {text} NOT NULL,
    is_now {text} NOT NULL,
    PRIMARY KEY (threat_id, id)
) {strict};

-- How likely each vulnerability is to be exploited within 30 days, as FIRST last said: a score is no
-- threat, so that it stands here for all of them and shows on those that are.
CREATE TABLE epss (
    cve {text} PRIMARY KEY,
    -- Both in billionths.
    score {int} NOT NULL,
    percentile {int} NOT NULL,
    -- CVSS 3 in tenths, where the file tells it too.
    cvss3 {int},
    model {text} NOT NULL,
    -- The day of the score, ISO 8601; empty where the file does not say.
    dated {text} NOT NULL,
    document_id {id} NOT NULL REFERENCES source_document (id)
) {strict};
