-- Whether an organisation has a word, asked of each that is met in a list: this index answers without its other words.
CREATE INDEX organisation_word_has ON organisation_word (organisation_id, word);
DROP INDEX organisation_word_of;
