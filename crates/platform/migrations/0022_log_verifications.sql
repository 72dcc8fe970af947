-- That somebody had the log verified, and what was found. The newest are kept; the log tells of all.
CREATE TABLE log_verification (
    id {id} PRIMARY KEY,
    asked_by {id} NOT NULL,
    asked_at {time} NOT NULL,
    -- A head that was kept elsewhere.
    kept_head {bytes},
    -- What was found; NULL while it is verified.
    done_at {time},
    size {int},
    head {bytes},
    unsealed {int},
    -- How many entries there were under the head that was kept, and when they were sealed.
    kept_size {int},
    kept_at {time},
    -- What is wrong, in words.
    finding {text}
) {strict};
CREATE INDEX log_verification_asked ON log_verification (asked_at, id);
