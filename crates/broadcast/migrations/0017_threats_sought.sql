-- Since a decision is a band of the rank, what is exploited or used by ransomware heads each band and is no
-- longer one run: filters by them, and by kind, have indexes of their own.
CREATE INDEX threat_exploited ON threat (rank DESC, dated DESC, id DESC) WHERE known_exploited = TRUE;
CREATE INDEX threat_ransomware ON threat (rank DESC, dated DESC, id DESC) WHERE ransomware = TRUE;
CREATE INDEX threat_kind ON threat (kind, rank DESC, dated DESC, id DESC);
