-- The energy account. Energies are joules; instants Unix seconds UTC, site time.

-- Totals by zone since commissioning: the ladder's counterfactuals, what was used, and the
-- counters that only rise.
CREATE TABLE energy_total (
    zone                TEXT PRIMARY KEY,
    baseline_j          REAL NOT NULL,
    retrofitted_j       REAL NOT NULL,
    windowed_j          REAL NOT NULL,
    dimmed_j            REAL NOT NULL,
    clo_j               REAL NOT NULL,
    ruled_j             REAL NOT NULL,
    overridden_j        REAL NOT NULL,
    metered_j           REAL NOT NULL,
    modelled_j          REAL NOT NULL,
    metered_counter_j   REAL NOT NULL,
    modelled_counter_j  REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- An older account knew no rungs: all that it saved is put down to the lamps.
INSERT INTO energy_total
SELECT
    zone, baseline_j,
    metered_j + modelled_j, metered_j + modelled_j, metered_j + modelled_j,
    metered_j + modelled_j, metered_j + modelled_j, metered_j + modelled_j,
    metered_j, modelled_j, metered_j, modelled_j
FROM energy;

DROP TABLE energy;
DROP TABLE meter;

-- Who stands at which place of the arrays below.
CREATE TABLE energy_order (
    id  INTEGER PRIMARY KEY,
    ids BLOB NOT NULL UNIQUE        -- identifiers, one a line, UTF-8, zlib
) STRICT;

-- What every zone would have used (part 'asked': the seven counterfactuals) and used (part
-- 'used': metered, modelled) in [start_at, start_at + span_s).
CREATE TABLE energy_interval (
    start_at INTEGER NOT NULL,
    span_s   INTEGER NOT NULL,      -- 900; longer where rolled up
    part     TEXT NOT NULL,         -- asked, used
    zones    INTEGER NOT NULL REFERENCES energy_order (id),
    body     BLOB NOT NULL,         -- float64, figures by zones, zlib
    PRIMARY KEY (start_at, part)
) STRICT, WITHOUT ROWID;

-- What every luminaire used in a night.
CREATE TABLE energy_night (
    control_day TEXT PRIMARY KEY,   -- ISO date
    luminaires  INTEGER NOT NULL REFERENCES energy_order (id),
    body        BLOB NOT NULL       -- uint32 whole J metered, J modelled, s burning, zlib
) STRICT, WITHOUT ROWID;

-- Where the account stands, to go on from after a stop: arrays by luminaire.
CREATE TABLE energy_state (
    name       TEXT PRIMARY KEY,
    luminaires INTEGER NOT NULL REFERENCES energy_order (id),
    body       BLOB NOT NULL        -- of the type that the name ends in, zlib
) STRICT, WITHOUT ROWID;

-- One line: up to when all is accounted, and what was quarantined by reason.
CREATE TABLE energy_mark (
    name  TEXT PRIMARY KEY,
    value REAL NOT NULL
) STRICT, WITHOUT ROWID;
