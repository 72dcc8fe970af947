-- Who at the CERT is rung when something cannot wait: an advisory for approval, an urgent incident. One row for each
-- who has a place, or a mobile.
CREATE TABLE on_call (
    person_id {id} PRIMARY KEY REFERENCES person (id),
    -- Their place in the order; NULL where they have none.
    position {int},
    -- Their mobile in E.164, where they are texted too.
    mobile {text}
) {strict};
