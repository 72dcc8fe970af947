-- People, machines or beds that an organisation in need asks others for.
CREATE TABLE aid_request (
    id {id} PRIMARY KEY,
    receipt {text} NOT NULL UNIQUE,
    -- The form that it was sent with: sent twice, it is one.
    form {id} NOT NULL UNIQUE,
    organisation_id {id} NOT NULL,
    -- The region in which that lies, as it was then; empty where that is not known.
    region {text} NOT NULL,
    -- The case that it is asked in. It is not shown to those who are asked.
    incident_id {id} REFERENCES incident (id),
    -- See react::aid::What.
    what {text} NOT NULL,
    detail {text} NOT NULL,
    wanted {int} NOT NULL,
    -- How many were accepted so far: never more than are wanted.
    accepted {int} NOT NULL,
    from_at {time} NOT NULL,
    until_at {time} NOT NULL,
    place {text} NOT NULL,
    contact_name {text} NOT NULL,
    contact_telephone {text} NOT NULL,
    -- region, offered or named; see react::aid::Reach.
    reach {text} NOT NULL,
    -- Whether those asked are told who asks, and that it is for a cyber incident.
    is_named {bool} NOT NULL,
    is_cyber {bool} NOT NULL,
    -- open -> fulfilled | withdrawn | ended; see react::aid::State.
    state {text} NOT NULL,
    asked_at {time} NOT NULL,
    asked_by {id} NOT NULL,
    through_id {id} NOT NULL,
    ended_at {time},
    version {int} NOT NULL
) {strict};
CREATE INDEX aid_request_state ON aid_request (state, id);
CREATE INDEX aid_request_organisation ON aid_request (organisation_id, id);
CREATE INDEX aid_request_incident ON aid_request (incident_id, id) WHERE incident_id IS NOT NULL;
CREATE INDEX aid_request_words ON aid_request (ended_at, id) WHERE ended_at IS NOT NULL AND detail <> '';

-- Whom it is shown to.
CREATE TABLE aid_asked (
    request_id {id} NOT NULL REFERENCES aid_request (id),
    organisation_id {id} NOT NULL,
    asked_at {time} NOT NULL,
    PRIMARY KEY (request_id, organisation_id)
) {strict};
CREATE INDEX aid_asked_organisation ON aid_asked (organisation_id, request_id);

-- What one of those asked offers. Read by itself, by who asked and by the CERT.
CREATE TABLE aid_offer (
    id {id} PRIMARY KEY,
    form {id} NOT NULL UNIQUE,
    request_id {id} NOT NULL REFERENCES aid_request (id),
    organisation_id {id} NOT NULL,
    count {int} NOT NULL,
    -- How many of them were accepted.
    accepted {int} NOT NULL,
    from_at {time} NOT NULL,
    until_at {time} NOT NULL,
    conditions {text} NOT NULL,
    contact_name {text} NOT NULL,
    contact_telephone {text} NOT NULL,
    -- offered -> accepted | declined | withdrawn, accepted -> returned; see react::aid::Stands.
    stands {text} NOT NULL,
    -- What the asker wrote with the answer.
    thanks {text} NOT NULL,
    offered_at {time} NOT NULL,
    offered_by {id} NOT NULL,
    through_id {id} NOT NULL,
    answered_at {time},
    returned_at {time},
    version {int} NOT NULL
) {strict};
CREATE INDEX aid_offer_of ON aid_offer (request_id, id);
CREATE INDEX aid_offer_organisation ON aid_offer (organisation_id, id);

-- What an organisation could lend, before anybody asks.
CREATE TABLE aid_standing (
    id {id} PRIMARY KEY,
    form {id} NOT NULL UNIQUE,
    organisation_id {id} NOT NULL,
    region {text} NOT NULL,
    what {text} NOT NULL,
    count {int} NOT NULL,
    -- Within how many hours.
    within_hours {int} NOT NULL,
    conditions {text} NOT NULL,
    contact_name {text} NOT NULL,
    contact_telephone {text} NOT NULL,
    offered_at {time} NOT NULL,
    offered_by {id} NOT NULL,
    through_id {id} NOT NULL,
    ended_at {time}
) {strict};
CREATE INDEX aid_standing_listed ON aid_standing (what, id) WHERE ended_at IS NULL;
CREATE INDEX aid_standing_organisation ON aid_standing (organisation_id, id) WHERE ended_at IS NULL;
CREATE INDEX aid_standing_ended ON aid_standing (ended_at, id) WHERE ended_at IS NOT NULL AND contact_name <> '';
