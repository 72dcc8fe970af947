-- That people began to be rung for an incident of an organisation, so that they are rung so often for it and no more.
CREATE TABLE paging_begun (
    id {id} PRIMARY KEY,
    organisation_id {id} NOT NULL,
    incident_id {id} NOT NULL REFERENCES incident (id),
    begun_at {time} NOT NULL
) {strict};
CREATE INDEX paging_begun_of ON paging_begun (organisation_id, begun_at);

-- Urgent incidents for which nobody is rung yet, since people were rung for others of the same organisation.
CREATE TABLE paging_held (
    incident_id {id} PRIMARY KEY REFERENCES incident (id),
    organisation_id {id} NOT NULL,
    held_at {time} NOT NULL
) {strict};
CREATE INDEX paging_held_of ON paging_held (organisation_id, held_at);
