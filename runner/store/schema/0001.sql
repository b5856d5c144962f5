-- What a node remembers. JSON texts are canonical and hold secrets only as keyed digests.

CREATE TABLE fact (                     -- single remembered values: scope, last fetch, refused tip, settled catalog
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL                 -- JSON
) STRICT;

CREATE TABLE run (
    id          INTEGER PRIMARY KEY,
    command     TEXT NOT NULL,          -- run | apply | rollback ...
    trigger     TEXT NOT NULL,          -- manual | timer | boot ...
    revision    TEXT NOT NULL,
    tree        TEXT NOT NULL,
    environment TEXT NOT NULL,
    node        TEXT NOT NULL,
    signer      TEXT NOT NULL,
    trust       TEXT NOT NULL,
    noop        INTEGER NOT NULL,
    catalog     TEXT NOT NULL,          -- digest
    started     REAL NOT NULL,          -- seconds since the epoch
    ended       REAL,
    result      TEXT NOT NULL,          -- running | unchanged | changed | failed | held | interrupted ...
    exit_code   INTEGER,
    counts      TEXT NOT NULL,          -- JSON: status -> number
    message     TEXT NOT NULL
) STRICT;

CREATE TABLE outcome (                  -- one row per resource that did not simply stay as it was
    run       INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    seq       INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    title     TEXT NOT NULL,
    action    TEXT NOT NULL,            -- apply | prune
    status    TEXT NOT NULL,            -- started while the touch is under way
    before    TEXT,                     -- JSON state or NULL (absent)
    after     TEXT,
    drift     INTEGER NOT NULL,
    refreshed INTEGER NOT NULL,
    revision  TEXT NOT NULL,
    file      TEXT NOT NULL,
    line      INTEGER NOT NULL,
    message   TEXT NOT NULL,
    at        REAL NOT NULL,
    seconds   REAL NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX outcome_identity ON outcome (kind, name, run);

CREATE TABLE thing (                    -- the ledger: what is managed ...
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    title    TEXT NOT NULL,
    options  TEXT NOT NULL,             -- JSON: what is needed to act on it without its declaration
    prune    TEXT NOT NULL,             -- restore | keep | first
    revision TEXT NOT NULL,
    file     TEXT NOT NULL,
    line     INTEGER NOT NULL,
    pending  TEXT NOT NULL,             -- why its removal waits, or ''
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE claim (                    -- ... and for each attribute where it goes back to
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    attribute TEXT NOT NULL,            -- 'presence' stands for being there at all
    baseline  TEXT NOT NULL,            -- JSON as first read
    applied   TEXT NOT NULL,            -- JSON as last read after an apply, or as intended until then
    confirmed INTEGER NOT NULL,         -- 0 while the touch is under way
    declared  INTEGER NOT NULL,         -- 0: kept only because the thing was replaced as a whole
    revision  TEXT NOT NULL,            -- the commit that asked for this value
    file      TEXT NOT NULL,
    line      INTEGER NOT NULL,
    PRIMARY KEY (kind, name, attribute),
    FOREIGN KEY (kind, name) REFERENCES thing (kind, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE edge (                     -- relations as last applied, to order what leaves
    source_kind TEXT NOT NULL,
    source_name TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_name TEXT NOT NULL,
    notify      INTEGER NOT NULL,
    PRIMARY KEY (source_kind, source_name, target_kind, target_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE owed (                     -- refreshes that somebody is owed until they succeeded
    kind  TEXT NOT NULL,
    name  TEXT NOT NULL,
    cause TEXT NOT NULL,
    run   INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE staging (                  -- directories that may hold temporary files of a run that died
    directory TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE accepted (                 -- the highest accepted commit, per branch (the other copy is a file)
    branch   TEXT PRIMARY KEY,
    revision TEXT NOT NULL,
    signer   TEXT NOT NULL,
    at       REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mark (                     -- what became of a commit here
    revision TEXT PRIMARY KEY,
    tree     TEXT NOT NULL,
    verdict  TEXT NOT NULL,             -- good | bad | compile-error | failed
    note     TEXT NOT NULL,
    at       REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hold (                     -- local, expiring: pin and pause
    kind   TEXT PRIMARY KEY,            -- pin | pause
    value  TEXT NOT NULL,               -- the pinned commit
    reason TEXT NOT NULL,
    since  REAL NOT NULL,
    until  REAL NOT NULL
) STRICT, WITHOUT ROWID;
