-- The number that was given to whoever reported. Once two incidents are joined, it is not the number of the one
-- that holds both: whoever reported learns nothing of the other.
ALTER TABLE report ADD COLUMN receipt {text};
UPDATE report SET receipt = (SELECT i.receipt FROM incident i WHERE i.id = report.incident_id)
WHERE incident_id IS NOT NULL;
