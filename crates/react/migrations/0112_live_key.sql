-- The secret under which it is sealed where somebody stopped hearing of a case: made once, by the first that needs it.
CREATE TABLE case_live_key (
    place {int} PRIMARY KEY,
    secret {bytes} NOT NULL,
    made_at {time} NOT NULL
) {strict};
