-- A supplier is found by the words of those that were joined to it too; those joined from now on give theirs at once.
INSERT INTO supplier_word (word, supplier_id)
SELECT DISTINCT w.word, s.joined_into FROM supplier_word w JOIN supplier s ON s.id = w.supplier_id
WHERE s.joined_into IS NOT NULL
ON CONFLICT DO NOTHING;
