/**
 * What findings.db holds: the index of records, the state of clustering, and the known-hash sets. Columns beside `json` are there because a
 * question asks for them. `at` is the effective time: of posting where the forum says it, else of seeing.
 */
export const findingsMigrations: readonly string[] = [
  `
  CREATE TABLE post (
    id TEXT PRIMARY KEY, forum TEXT NOT NULL, thread TEXT NOT NULL, author TEXT, url TEXT NOT NULL,
    at TEXT NOT NULL, seen_at TEXT NOT NULL,
    current_seen_at TEXT NOT NULL, -- when the version in 'json' was seen last
    json TEXT NOT NULL
  );
  CREATE INDEX post_order ON post (forum, thread, at, id);
  CREATE INDEX post_at ON post (at);
  CREATE TABLE post_version (
    post TEXT NOT NULL, version TEXT NOT NULL, seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (post, version)
  );
  CREATE TABLE fingerprint (id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, error TEXT, json TEXT NOT NULL);
  CREATE TABLE signal (
    fingerprint TEXT NOT NULL, family TEXT NOT NULL, strength TEXT NOT NULL, generator TEXT NOT NULL,
    PRIMARY KEY (fingerprint, family, strength, generator)
  ) WITHOUT ROWID;
  CREATE TABLE sighting (
    id TEXT PRIMARY KEY, forum TEXT NOT NULL, post TEXT NOT NULL, post_url TEXT NOT NULL, url TEXT NOT NULL,
    fingerprint TEXT NOT NULL, sha256 TEXT NOT NULL, at TEXT NOT NULL, json TEXT NOT NULL
  );
  CREATE INDEX sighting_post ON sighting (post, url);
  CREATE INDEX sighting_fingerprint ON sighting (fingerprint, at);
  CREATE INDEX sighting_at ON sighting (at);
  CREATE TABLE membership (fingerprint TEXT PRIMARY KEY, cluster TEXT NOT NULL, revision INTEGER NOT NULL);
  CREATE INDEX membership_cluster ON membership (cluster, fingerprint);
  CREATE TABLE finding (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT NOT NULL, about TEXT,
    platform TEXT, artefact_kind TEXT,
    counts INTEGER NOT NULL, -- makes a statement: did not abstain
    strong INTEGER NOT NULL, -- has a signal that is strong or conclusive
    json TEXT NOT NULL
  );
  CREATE INDEX finding_subject ON finding (subject, kind);
  CREATE INDEX finding_kind ON finding (kind, about);
  CREATE TABLE visit (id TEXT PRIMARY KEY, forum TEXT NOT NULL, url TEXT NOT NULL, at TEXT NOT NULL, alarm TEXT, json TEXT NOT NULL);
  CREATE INDEX visit_alarm ON visit (at) WHERE alarm IS NOT NULL;
  CREATE TABLE picture_failure (
    post TEXT NOT NULL, url TEXT NOT NULL, forum TEXT NOT NULL, at TEXT NOT NULL, error TEXT NOT NULL, PRIMARY KEY (post, url)
  ) WITHOUT ROWID;
  -- Where a finding's subject stands: forums and hosts, as far as they are known yet.
  CREATE TABLE place (subject TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (subject, words)) WITHOUT ROWID;
  -- Only what may be read in clear; the words themselves are in the tables above.
  CREATE VIRTUAL TABLE finding_text USING fts5(words, places, content = '', contentless_delete = 1);

  CREATE TABLE cluster_point (sequence INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, mandate TEXT NOT NULL, pdq TEXT);
  CREATE TABLE cluster_membership (
    sequence INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL,
    published INTEGER NOT NULL DEFAULT 0, json TEXT NOT NULL
  );
  CREATE INDEX cluster_membership_unpublished ON cluster_membership (sequence) WHERE NOT published;

  CREATE TABLE known_hash (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: readers ask for what came after the last one they know
    id TEXT NOT NULL UNIQUE, algorithm TEXT NOT NULL, value TEXT NOT NULL, source TEXT NOT NULL, category TEXT,
    imported_at TEXT NOT NULL
  );
  CREATE INDEX known_hash_value ON known_hash (value, algorithm);
  CREATE INDEX known_hash_source ON known_hash (source);
  CREATE TABLE known_hash_change (additions INTEGER NOT NULL, withdrawals INTEGER NOT NULL);
  INSERT INTO known_hash_change VALUES (0, 0);
`,
  `
  ALTER TABLE known_hash ADD COLUMN reference TEXT;
  ALTER TABLE known_hash ADD COLUMN licence TEXT;
  ALTER TABLE known_hash ADD COLUMN expires_at TEXT;
  DROP INDEX known_hash_source;
  CREATE INDEX known_hash_source ON known_hash (source, reference);
  -- Marks of written index files: a file counts if its mark is here. A store brought back from before lacks it.
  CREATE TABLE known_index_file (mark TEXT PRIMARY KEY, newest INTEGER NOT NULL) WITHOUT ROWID;
  DROP TABLE known_hash_change;
`,
  // the state of clustering of guides, beside that of images
  `
  CREATE TABLE guide_point (sequence INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, mandate TEXT NOT NULL, pdq TEXT);
  CREATE TABLE guide_membership (
    sequence INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL,
    published INTEGER NOT NULL DEFAULT 0, json TEXT NOT NULL
  );
  CREATE INDEX guide_membership_unpublished ON guide_membership (sequence) WHERE NOT published;
`,
  `
  CREATE TABLE attachment (id TEXT PRIMARY KEY, forum TEXT NOT NULL, at TEXT NOT NULL, json TEXT NOT NULL);
`,
]
