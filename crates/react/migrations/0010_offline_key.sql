-- The secret key of age with which files of the offline form are opened, where the settings name none. Every
-- node reads it, and it is in every backup: forms that were downloaded a year ago still work.
CREATE TABLE offline_key (
    -- Always 1: two nodes that make one at the same moment agree on it.
    place {int} PRIMARY KEY,
    secret {text} NOT NULL,
    made_at {time} NOT NULL
) {strict};
