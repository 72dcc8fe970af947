-- What waits to be told under a webhook stands by itself. So nothing that changes when a delivery is noted is in an
-- index of deliveries: PostgreSQL writes the row beside itself, and none of five indexes.
CREATE TABLE webhook_queue (
    -- Its state is 'waiting', that of no other. Whoever writes here has the row of the webhook, or tried the delivery.
    delivery_id {id} PRIMARY KEY,
    webhook_id {id} NOT NULL,
    -- Since when it is tried, which is for a few days.
    queued_at {time} NOT NULL,
    not_before {time} NOT NULL
) {strict};
CREATE INDEX webhook_queue_due ON webhook_queue (webhook_id, not_before, delivery_id);
INSERT INTO webhook_queue (delivery_id, webhook_id, queued_at, not_before)
SELECT id, webhook_id, queued_at, not_before FROM webhook_delivery WHERE state = 'waiting';
DROP INDEX webhook_delivery_waiting;
DROP INDEX webhook_delivery_failed;
DROP INDEX webhook_delivery_settled;
ALTER TABLE webhook_delivery DROP COLUMN queued_at;
ALTER TABLE webhook_delivery DROP COLUMN not_before;
-- Room for the row as it will be.
{postgres}ALTER TABLE webhook_delivery SET (fillfactor = 50);
