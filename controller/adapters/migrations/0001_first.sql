-- Counters that only grow: rev, epoch.
CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL CHECK (value >= 0)
) STRICT, WITHOUT ROWID;

-- Documents, every revision kept. name: inventory, plan.
CREATE TABLE document (
    name     TEXT NOT NULL,
    revision INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,      -- Unix seconds UTC
    body     BLOB NOT NULL,         -- JSON, UTF-8, zlib
    PRIMARY KEY (name, revision)
) STRICT, WITHOUT ROWID;

-- What was last published retained, so that a restart sends nothing anew.
CREATE TABLE published (
    owner   TEXT NOT NULL,          -- zone, luminaire
    id      TEXT NOT NULL,
    leaf    TEXT NOT NULL,          -- program, config
    rev     INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (owner, id, leaf)
) STRICT, WITHOUT ROWID;

-- The last state each luminaire reported.
CREATE TABLE reported (
    luminaire   TEXT PRIMARY KEY,
    received_at REAL NOT NULL,      -- Unix seconds UTC, site time
    payload     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The energy account: totals per zone since commissioning.
CREATE TABLE energy (
    zone       TEXT PRIMARY KEY,
    metered_j  REAL NOT NULL,
    modelled_j REAL NOT NULL,
    baseline_j REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- Where each luminaire's account stands: closed up to closed_at, its meter then at meter_wh.
CREATE TABLE meter (
    luminaire TEXT PRIMARY KEY,
    closed_at REAL NOT NULL,        -- Unix seconds UTC, site time
    meter_at  REAL,                 -- Unix seconds UTC, site time
    meter_wh  REAL
) STRICT, WITHOUT ROWID;
