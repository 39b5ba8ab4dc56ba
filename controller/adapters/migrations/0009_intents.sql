-- What makes a repeated request for a work order the same one, also after a crash.
ALTER TABLE work_order ADD COLUMN intent BLOB;
CREATE UNIQUE INDEX work_order_by_intent ON work_order (intent);
