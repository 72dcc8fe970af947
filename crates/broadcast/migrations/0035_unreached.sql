-- Those who must answer an alert and were told by no message, as last counted: one was refused or came back, or
-- there is no mailbox. Kept while the alert is in force, for people to ring.
CREATE TABLE response_unreached (
    alert_id {id} NOT NULL REFERENCES alert (id),
    organisation_id {id} NOT NULL REFERENCES organisation (id),
    PRIMARY KEY (alert_id, organisation_id)
) {strict};
