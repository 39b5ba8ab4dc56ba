-- Alarms, open and past. Times are Unix seconds UTC, site time.
CREATE TABLE alarm (
    id               INTEGER PRIMARY KEY,
    type             TEXT NOT NULL,
    severity         TEXT NOT NULL,     -- critical, warning, info
    scope            TEXT NOT NULL,     -- luminaire, feeder, gateway, cabinet, zone, city, service
    subject          TEXT NOT NULL,     -- identifier of what it is about
    began_at         REAL NOT NULL,     -- when the condition began
    raised_at        REAL NOT NULL,
    cleared_at       REAL,              -- NULL: open
    ending           TEXT NOT NULL,     -- '', cleared, grouped, retired
    affected         INTEGER NOT NULL,  -- luminaires now, 0 for the service's own
    worst            INTEGER NOT NULL,  -- the most that were affected
    total            INTEGER NOT NULL,  -- luminaires of the subject
    detail           TEXT NOT NULL,
    acknowledged_at  REAL,
    acknowledged_by  TEXT,
    note             TEXT
) STRICT;

CREATE INDEX alarm_open ON alarm (id) WHERE cleared_at IS NULL;
CREATE INDEX alarm_cleared ON alarm (cleared_at) WHERE cleared_at IS NOT NULL;

-- Who is affected by an open alarm; empty for past ones.
CREATE TABLE alarm_luminaire (
    alarm     INTEGER NOT NULL,
    luminaire TEXT NOT NULL,
    PRIMARY KEY (alarm, luminaire)
) STRICT, WITHOUT ROWID;
