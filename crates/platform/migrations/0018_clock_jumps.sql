-- That the clock of a machine was set, by the seconds by which it was: back where they are negative.
CREATE TABLE clock_jump (
    id {id} PRIMARY KEY,
    noticed_at {time} NOT NULL,
    seconds {int} NOT NULL
) {strict};
CREATE INDEX clock_jump_noticed ON clock_jump (noticed_at, id);
