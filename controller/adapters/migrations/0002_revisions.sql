-- Every state of the documents: which inventory and which plan were in force together.
CREATE TABLE revision (
    number    INTEGER PRIMARY KEY,
    saved_at  INTEGER NOT NULL,     -- Unix seconds UTC
    author    TEXT NOT NULL,
    comment   TEXT NOT NULL,
    inventory INTEGER,              -- document.revision; NULL: none yet
    plan      INTEGER,              -- document.revision; NULL: the default plan
    restores  INTEGER               -- the revision whose content was brought back
) STRICT;

-- What was saved before this table: one state for each document saved. Running maxima, so
-- that the last state is the one in force even where the clock was once set back.
INSERT INTO revision (number, saved_at, author, comment, inventory, plan)
SELECT
    row_number() OVER saved,
    saved_at,
    '',
    '',
    max(CASE WHEN name = 'inventory' THEN revision END) OVER saved,
    max(CASE WHEN name = 'plan' THEN revision END) OVER saved
FROM document
WHERE name IN ('inventory', 'plan')
WINDOW saved AS (ORDER BY saved_at, name, revision ROWS UNBOUNDED PRECEDING);
