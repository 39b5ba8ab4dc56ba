-- The last epoch that this controller itself led with; 0 since another one leads. The counter
-- "epoch" is the highest that it knows of.
INSERT INTO counter (name, value) SELECT 'epoch_led', value FROM counter WHERE name = 'epoch';

-- What each rule remembers of its sensors, so that a restart lets no ruled lamp fall back.
CREATE TABLE sensor (
    rule        TEXT NOT NULL,
    sensor      TEXT NOT NULL,
    definition  TEXT NOT NULL,      -- digest of the rule; of another rule nothing is taken over
    at          REAL NOT NULL,      -- Unix seconds UTC, site time; so are all instants here
    value       REAL NOT NULL,
    same_since  REAL NOT NULL,
    trust       TEXT NOT NULL,
    believed_at REAL NOT NULL,
    is_beyond   INTEGER NOT NULL,   -- 0, 1
    beyond_at   REAL NOT NULL,
    PRIMARY KEY (rule, sensor)
) STRICT, WITHOUT ROWID;

-- The newest machine time that was trusted: a clock that starts before it is wrong.
CREATE TABLE clock (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    trusted_at REAL NOT NULL        -- Unix seconds UTC, machine time
) STRICT;
