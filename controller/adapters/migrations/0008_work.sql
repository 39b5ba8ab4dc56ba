-- What people have begun and not ended: work orders, rollouts, inventories read from files.
-- Instants are Unix seconds UTC.

CREATE TABLE work_order (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    title       TEXT NOT NULL,
    state       TEXT NOT NULL,
    alarm       INTEGER,
    luminaires  TEXT NOT NULL,
    zone        TEXT NOT NULL DEFAULT '',
    assignee    TEXT NOT NULL DEFAULT '',
    note        TEXT NOT NULL DEFAULT '',
    created_at  REAL NOT NULL,
    created_by  TEXT NOT NULL,
    changed_at  REAL NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX work_order_of_alarm ON work_order (alarm);

CREATE TABLE work_order_step (
    work_order  INTEGER NOT NULL REFERENCES work_order (number),
    at          REAL NOT NULL,
    author      TEXT NOT NULL,
    state       TEXT NOT NULL,
    assignee    TEXT NOT NULL,
    note        TEXT NOT NULL
) STRICT;
CREATE INDEX step_of_work_order ON work_order_step (work_order);

CREATE TABLE rollout (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    state       TEXT NOT NULL,
    base        INTEGER NOT NULL,
    plan        BLOB NOT NULL,
    stages      TEXT NOT NULL,
    reached     INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    comment     TEXT NOT NULL,
    author      TEXT NOT NULL,
    started_at  REAL NOT NULL,
    changed_at  REAL NOT NULL
) STRICT;

CREATE TABLE inventory_import (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    state       TEXT NOT NULL,
    base        INTEGER NOT NULL,
    inventory   BLOB NOT NULL,
    report      TEXT NOT NULL,
    author      TEXT NOT NULL,
    made_at     REAL NOT NULL,
    revision    INTEGER
) STRICT;
