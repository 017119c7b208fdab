const appendOnly = (table: string) => `
  CREATE TRIGGER ${table}_stays BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
  CREATE TRIGGER ${table}_remains BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END;
`

/**
 * What case.db holds: mandates, forums, what people said, published lists, the audit log and wrapped text keys. What must never be altered is
 * guarded by triggers against mistakes of this program; against other hands stand the signatures and the audit log's chain.
 */
export const caseMigrations: readonly string[] = [
  `
  CREATE TABLE mandate (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, json TEXT NOT NULL);
  CREATE TABLE forum (id TEXT PRIMARY KEY, json TEXT NOT NULL);
  CREATE TABLE decision (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, json TEXT NOT NULL);
  CREATE TABLE approval (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, json TEXT NOT NULL);
  CREATE TABLE list_version (sequence INTEGER PRIMARY KEY, json TEXT NOT NULL);
  CREATE TABLE audit_event (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, json TEXT NOT NULL);
  CREATE TABLE bucket_key (bucket TEXT PRIMARY KEY, key BLOB, state INTEGER NOT NULL DEFAULT 0);
  ${["decision", "approval", "list_version", "audit_event"].map(appendOnly).join("")}
`,
]
