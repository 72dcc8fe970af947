-- For how urgent people began to be rung: a P1 is never kept waiting by what is less urgent.
ALTER TABLE paging_begun ADD COLUMN priority {text} NOT NULL DEFAULT 'p1';

-- Why nobody is rung yet; and what nobody has vouched for is of no organisation.
CREATE TABLE paging_held_why (
    incident_id {id} PRIMARY KEY REFERENCES incident (id),
    organisation_id {id},
    why {text} NOT NULL,
    held_at {time} NOT NULL
) {strict};
INSERT INTO paging_held_why (incident_id, organisation_id, why, held_at)
SELECT incident_id, organisation_id, 'others', held_at FROM paging_held;
DROP TABLE paging_held;
ALTER TABLE paging_held_why RENAME TO paging_held;
CREATE INDEX paging_held_of ON paging_held (organisation_id, held_at);
