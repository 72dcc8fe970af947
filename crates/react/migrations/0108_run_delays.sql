-- Before when nobody should begin, as the playbook says; NULL where it says nothing.
ALTER TABLE run_task ADD COLUMN begins_at {time};
