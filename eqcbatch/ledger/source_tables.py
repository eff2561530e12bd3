"""Sources with names and weights of their own, as a migration lays them: once released, never edited."""

from __future__ import annotations

_MIXED = "(SELECT count(DISTINCT coalesce(weighed_by, '')) > 1 FROM runs WHERE current = 1 AND weight > 0)"
SOURCES = f"""
ALTER TABLE runs ADD COLUMN name TEXT;
ALTER TABLE runs ADD COLUMN reading TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN weighed_by TEXT;
ALTER TABLE runs ADD COLUMN weight REAL NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN scale REAL NOT NULL DEFAULT 1;
UPDATE runs SET reading = source,
    weighed_by = CASE WHEN json_valid(options) THEN json_extract(options, '$.weight_column') END;
UPDATE runs SET weight = coalesce((SELECT sum(weight) FROM occurrences WHERE run_id = runs.id), 0)
    WHERE current = 1;
UPDATE runs SET scale = 1.0 * (rows - blank_rows) / weight
    WHERE current = 1 AND weight > 0 AND {_MIXED};
UPDATE names SET weight = (SELECT sum(o.weight * r.scale) FROM occurrences o JOIN runs r ON r.id = o.run_id
                           WHERE o.lookup_key = names.lookup_key)
    WHERE rows > 0 AND EXISTS (SELECT 1 FROM runs WHERE scale <> 1);
CREATE UNIQUE INDEX runs_current_reading ON runs (reading) WHERE current = 1
"""
