-- When somebody at an organisation was last really reached: confirmed an address, or took a call.
-- `reached_at` says only when a mail server last took a mail for it.
ALTER TABLE organisation ADD COLUMN heard_at {time};
