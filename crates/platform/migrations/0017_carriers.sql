-- What carries messages and does not take any at the moment; none where all is well.
CREATE TABLE carrier (
    -- mail or sms; see platform::message::Channel.
    channel {text} PRIMARY KEY,
    down_since {time} NOT NULL,
    -- How often it was asked since.
    tries {int} NOT NULL,
    next_try_at {time} NOT NULL,
    last_error {text} NOT NULL
) {strict};
