-- When an alert began to be told to mobiles; none where it is not. Decided when its delivery begins, so
-- that its reminders go where it went.
ALTER TABLE alert ADD COLUMN texted_at {time};
