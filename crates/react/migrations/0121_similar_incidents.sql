-- The incidents of one kind of the RSIT, in the order of their ids: what is like an incident is looked for among them.
CREATE INDEX triage_kind ON triage (kind, incident_id) WHERE kind IS NOT NULL;
