-- Those that an outage concerns and that do not answer are reminded: the last reminder that was sent to each, counted
-- from 1, and when. 0 where none was.
ALTER TABLE outage_reply ADD COLUMN reminder {int} NOT NULL DEFAULT 0;
ALTER TABLE outage_reply ADD COLUMN reminded_at {time};
