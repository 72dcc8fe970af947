-- What clients of TheHive say of a case or an observable beyond what is kept of it: it stands in the zone of what it is
-- about.
CREATE TABLE thehive_said (
    -- The incident, or the observable.
    about_id {id} PRIMARY KEY,
    incident_id {id} NOT NULL REFERENCES incident (id),
    title {text} NOT NULL,
    -- The description of a case, the message of an observable.
    text {text} NOT NULL,
    -- Each on a line of its own, with a line feed before the first and behind the last; empty where there are none.
    tags {text} NOT NULL,
    -- 0 to 4, and 0 to 3; NULL where nobody said.
    tlp {int},
    pap {int},
    ioc {bool} NOT NULL,
    sighted {bool} NOT NULL,
    -- As what a machine closed it, and with which impact; empty where none did.
    resolution {text} NOT NULL,
    impact {text} NOT NULL,
    changed_at {time} NOT NULL
) {strict};
CREATE INDEX thehive_said_of ON thehive_said (incident_id);
-- What tells of one task.
CREATE INDEX case_entry_about ON case_entry (about_id) WHERE kind = 'task';
