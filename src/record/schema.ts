// The ledger's tables. One file, `ledger.db`, read and written by one process at a time.
//
//   bans        one row a term: who was kept off, from when to when, why, and how it ended
//                 source | listener | kind | since  -> until, reason, rule, by, boot, until_boot, ended, ended_by
//               `ended` is NULL while it stands, else term (ran out), renewed (a new term took its place), lifted.
//               At most one row of a source, listener and kind has ended NULL. `until` is brought forward where a term
//               ends early, so that since..until is what really was.
//   evictions   one row a minute: source | listener | rule | minute -> count, first_at, last_at
//   findings    one row each: at, rule, severity, listener, source, text, numbers (JSON)
//   allow       one row an entry of the operator's: source -> reason, connections, by, since
//   standings   one row a source of a listener: listener | source -> expected, first_seen, last_seen
//   events      one row a change: at, who, what, source, listener, text
//
// Sources are text, as people write them. A listener of '' stands for every guarded one (NULL cannot be part of a key).
// Times are milliseconds since the epoch; `until_boot` is on the boot clock (CLOCK_BOOTTIME) of the boot named beside it.
//
// A later version adds a step to MIGRATIONS and raises SCHEMA_VERSION, which PRAGMA user_version holds.

export const SCHEMA_VERSION = 1;

export const LEDGER_SCHEMA: string = `
CREATE TABLE bans (
  source     TEXT NOT NULL,
  listener   TEXT NOT NULL,
  kind       TEXT NOT NULL,
  since      INTEGER NOT NULL,
  until      INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  rule       TEXT NOT NULL,
  by         TEXT NOT NULL,
  boot       TEXT,
  until_boot INTEGER,
  ended      TEXT,
  ended_by   TEXT,
  PRIMARY KEY (source, listener, kind, since)
) WITHOUT ROWID;
CREATE INDEX bans_standing ON bans (until) WHERE ended IS NULL;
CREATE INDEX bans_over ON bans (until) WHERE ended IS NOT NULL;

CREATE TABLE evictions (
  source   TEXT NOT NULL,
  listener TEXT NOT NULL,
  rule     TEXT NOT NULL,
  minute   INTEGER NOT NULL,
  count    INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  PRIMARY KEY (source, listener, rule, minute)
) WITHOUT ROWID;
CREATE INDEX evictions_minute ON evictions (minute);

CREATE TABLE findings (
  id       INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  rule     TEXT NOT NULL,
  severity TEXT NOT NULL,
  listener TEXT,
  source   TEXT,
  text     TEXT NOT NULL,
  numbers  TEXT NOT NULL
);
CREATE INDEX findings_at ON findings (at);
CREATE INDEX findings_source ON findings (source, at) WHERE source IS NOT NULL;

CREATE TABLE allow (
  source      TEXT PRIMARY KEY,
  reason      TEXT,
  connections INTEGER,
  by          TEXT NOT NULL,
  since       INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE standings (
  listener   TEXT NOT NULL,
  source     TEXT NOT NULL,
  expected   REAL NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen  INTEGER NOT NULL,
  PRIMARY KEY (listener, source)
) WITHOUT ROWID;
CREATE INDEX standings_last_seen ON standings (last_seen);

CREATE TABLE events (
  id       INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  who      TEXT NOT NULL,
  what     TEXT NOT NULL,
  source   TEXT,
  listener TEXT,
  text     TEXT NOT NULL
);
CREATE INDEX events_at ON events (at);

PRAGMA user_version = ${SCHEMA_VERSION};
`;
