-- What stood there before a touch that may never have ended, and baselines whose bytes were not kept.

ALTER TABLE claim ADD COLUMN previous TEXT NOT NULL DEFAULT 'null';  -- JSON; counts until the claim is confirmed
ALTER TABLE claim ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;        -- 1: the pre-image was larger than backup_limit

CREATE INDEX edge_target ON edge (target_kind, target_name);
