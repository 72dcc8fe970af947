-- The demonstration's own mail, caught instead of sent.
CREATE TABLE demo_mail (
    id {id} PRIMARY KEY,
    address {text} NOT NULL,
    subject {text} NOT NULL,
    body {text} NOT NULL,
    arrived_at {time} NOT NULL
) {strict};
CREATE INDEX demo_mail_newest ON demo_mail (arrived_at DESC, id DESC);
CREATE INDEX demo_mail_address ON demo_mail (address, arrived_at DESC, id DESC);

-- The made-up people that a visitor can be, with what a real person would know by heart.
CREATE TABLE demo_sign_in (
    role {text} PRIMARY KEY,
    email {text} NOT NULL,
    password {text} NOT NULL,
    place {int} NOT NULL
) {strict};

-- The token of the API key that is printed at each start. A real one is shown once and kept nowhere.
CREATE TABLE demo_key (
    token {text} PRIMARY KEY
) {strict};
