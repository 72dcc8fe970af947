-- When each step of the demonstration's story happened, and the page that shows it.
CREATE TABLE demo_moment (
    name {text} PRIMARY KEY,
    happened_at {time} NOT NULL,
    path {text} NOT NULL
) {strict};
