-- Threats are found by more words than before, by the names of products and devices, and a score that FIRST's file
-- repeats stands where no source gives one: the job that judges what no policy has judged draws all of them anew.
UPDATE threat SET policy = 0;
