-- How many open organisations a region has, and at how many of them nobody can be reached by email, as last
-- counted: it depends on contacts, on who answers for whom and on the day, and no counter can follow all of them.
CREATE TABLE sector_reach (
    -- Empty for those whose region is not certain.
    region {text} PRIMARY KEY,
    organisations {int} NOT NULL,
    unreachable {int} NOT NULL,
    counted_at {time} NOT NULL
) {strict};
