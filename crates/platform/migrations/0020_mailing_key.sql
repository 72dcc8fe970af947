-- The secret under which the links are sealed that stop a bulletin or a digest without a sign-in: made once, by the
-- first mail that needs it.
CREATE TABLE mailing_key (
    place {int} PRIMARY KEY,
    secret {bytes} NOT NULL,
    made_at {time} NOT NULL
) {strict};
