-- People, what they may do, and what they did. Instants are Unix seconds UTC of the machine.
-- Secrets stand here as digests only.

CREATE TABLE person (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    password    TEXT,
    language    TEXT,
    is_disabled INTEGER NOT NULL DEFAULT 0,
    created_at  REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- Wrong passwords in a row, at names that there are and at others alike.
CREATE TABLE guess (
    at_whom      BLOB PRIMARY KEY,
    failures     INTEGER NOT NULL,
    locked_until REAL NOT NULL,
    last_at      REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX guess_by_age ON guess (last_at);

-- Where a user came in from: strangers' guesses do not lock them out there.
CREATE TABLE familiar (
    person      TEXT NOT NULL,
    address     TEXT NOT NULL,
    at          REAL NOT NULL,
    PRIMARY KEY (person, address)
) STRICT, WITHOUT ROWID;

-- Whose is a person ('user:ID') or a token ('token:KEY').
CREATE TABLE person_grant (
    whose   TEXT NOT NULL,
    role    TEXT NOT NULL,
    place   TEXT NOT NULL,
    id      TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (whose, role, place, id)
) STRICT, WITHOUT ROWID;

-- Sessions, tokens and one-time links: what a secret of which only the digest is kept is worth.
CREATE TABLE pass (
    digest      BLOB PRIMARY KEY,
    kind        TEXT NOT NULL,
    key         TEXT NOT NULL UNIQUE,
    person      TEXT NOT NULL DEFAULT '',
    name        TEXT NOT NULL DEFAULT '',
    address     TEXT NOT NULL DEFAULT '',
    created_at  REAL NOT NULL,
    expires_at  REAL NOT NULL,
    seen_at     REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE approval (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    body        BLOB NOT NULL,
    summary     TEXT NOT NULL,
    reasons     TEXT NOT NULL,
    zones       TEXT NOT NULL,
    asked_by    TEXT NOT NULL,
    asked_at    REAL NOT NULL,
    expires_at  REAL NOT NULL,
    state       TEXT NOT NULL,
    decided_by  TEXT NOT NULL DEFAULT '',
    decided_at  REAL NOT NULL DEFAULT 0,
    note        TEXT NOT NULL DEFAULT '',
    outcome     TEXT NOT NULL DEFAULT ''
) STRICT;

-- Every action and refusal. Each row's hash covers the row and the hash before it.
CREATE TABLE audit (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    at          REAL NOT NULL,
    actor       TEXT NOT NULL,
    via         TEXT NOT NULL,
    address     TEXT NOT NULL,
    action      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    detail      TEXT NOT NULL,
    hash        BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'the audit log is not changed');
END;
CREATE TRIGGER audit_remains BEFORE DELETE ON audit BEGIN
    SELECT raise(ABORT, 'the audit log is not cut');
END;
