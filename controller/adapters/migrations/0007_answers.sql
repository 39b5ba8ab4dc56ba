-- What was answered to actions that came with an Idempotency-Key, for a while.
CREATE TABLE answer (
    digest      BLOB PRIMARY KEY,
    request     BLOB NOT NULL,
    status      INTEGER NOT NULL,
    headers     TEXT NOT NULL,
    body        BLOB NOT NULL,
    at          REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_by_time ON answer (at);
