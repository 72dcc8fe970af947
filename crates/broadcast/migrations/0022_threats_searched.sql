-- A search for what many threats are about walks the list best first and asks of each threat whether it has
-- the words: this index answers without the threat's other words.
CREATE INDEX threat_word_has ON threat_word (threat_id, word);
DROP INDEX threat_word_of;
