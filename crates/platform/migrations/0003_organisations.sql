CREATE TABLE organisation (
    id {id} PRIMARY KEY,
    code {text} NOT NULL UNIQUE,
    name {text} NOT NULL,
    kind {text} NOT NULL,
    status {text} NOT NULL,
    region {text},
    geography {text},
    parent_code {text},
    icb_code {text},
    address {text} NOT NULL,
    postcode {text},
    telephone {text},
    opened_on {text},
    closed_on {text},
    source {text} NOT NULL,
    -- What the source last said, so that an import again sees at once what is the same.
    source_hash {bytes} NOT NULL,
    -- When a mail server last took a mail for it, and when somebody there was really reached: confirmed
    -- an address, answered, or took a call.
    mailed_at {time},
    reached_at {time},
    version {int} NOT NULL,
    changed_at {time} NOT NULL
) {strict};
CREATE INDEX organisation_kind ON organisation (status, kind, region, code);
CREATE INDEX organisation_status ON organisation (status, code);
CREATE INDEX organisation_parent ON organisation (parent_code, code);
CREATE INDEX organisation_icb ON organisation (icb_code, code);

-- What a body was called before, where it stood and to whom it belonged; what holds now stands in
-- its row above. from_at is NULL where the beginning is not known.
CREATE TABLE organisation_fact (
    organisation_id {id} NOT NULL REFERENCES organisation (id),
    field {text} NOT NULL,
    from_at {time},
    until_at {time} NOT NULL,
    value {text},
    PRIMARY KEY (organisation_id, field, until_at)
) {strict};

-- Folded words of name, code and postcode, for search by prefix.
CREATE TABLE organisation_word (
    word {text} NOT NULL,
    organisation_id {id} NOT NULL REFERENCES organisation (id),
    PRIMARY KEY (word, organisation_id)
) {strict};
CREATE INDEX organisation_word_of ON organisation_word (organisation_id);

CREATE TABLE answers_for (
    id {id} PRIMARY KEY,
    answering_id {id} NOT NULL REFERENCES organisation (id),
    organisation_id {id} NOT NULL REFERENCES organisation (id),
    from_at {time} NOT NULL,
    until_at {time},
    note {text} NOT NULL,
    UNIQUE (organisation_id, answering_id, from_at)
) {strict};
CREATE INDEX answers_for_answering ON answers_for (answering_id, organisation_id);

CREATE TABLE person (
    id {id} PRIMARY KEY,
    email {text} UNIQUE,
    name {text} NOT NULL,
    password_hash {text},
    totp_secret {bytes},
    -- The last step that a code was accepted for: a code works once.
    totp_step {int},
    created_at {time} NOT NULL,
    erased_at {time}
) {strict};

-- What a person, or an API key, may do: at an organisation, or at the CERT where that is NULL.
CREATE TABLE membership (
    id {id} PRIMARY KEY,
    holder_id {id} NOT NULL,
    organisation_id {id} REFERENCES organisation (id),
    role {text} NOT NULL,
    from_at {time} NOT NULL,
    until_at {time},
    -- Until the person accepts it, who gave it at the organisation sees no more of them than the
    -- address that was typed.
    awaits_acceptance {bool} NOT NULL DEFAULT FALSE
) {strict};
CREATE INDEX membership_holder ON membership (holder_id, organisation_id);
CREATE INDEX membership_organisation ON membership (organisation_id, role);

CREATE TABLE contact (
    id {id} PRIMARY KEY,
    organisation_id {id} NOT NULL REFERENCES organisation (id),
    role {text} NOT NULL,
    kind {text} NOT NULL,
    name {text} NOT NULL,
    email {text},
    telephone {text},
    verified_at {time},
    mailed_at {time},
    from_at {time} NOT NULL,
    until_at {time},
    version {int} NOT NULL
) {strict};
CREATE INDEX contact_organisation ON contact (organisation_id, role);
CREATE INDEX contact_email ON contact (email);
CREATE INDEX contact_ended ON contact (until_at) WHERE until_at IS NOT NULL;

-- While a contact is away, somebody else stands in.
CREATE TABLE contact_cover (
    id {id} PRIMARY KEY,
    contact_id {id} NOT NULL REFERENCES contact (id),
    deputy_id {id} NOT NULL REFERENCES contact (id),
    from_at {time} NOT NULL,
    until_at {time} NOT NULL
) {strict};
CREATE INDEX contact_cover_of ON contact_cover (contact_id, from_at);
CREATE INDEX contact_cover_deputy ON contact_cover (deputy_id);
