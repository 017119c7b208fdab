import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs"
import { basename, dirname } from "node:path"
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"
import { WatchlineError } from "../../errors.ts"

export interface DatabaseOptions {
  readonly path: string
  /** Written into the file's header, so that one store's file is never taken for another's. */
  readonly applicationId: number
  /** SQL scripts; a file of version n has seen the first n. Only ever append to this list. */
  readonly migrations: readonly string[]
  /**
   * "FULL": a commit is on the disk when it returns. "NORMAL": the newest commits may be missing after a power cut, though never after a
   * killed process; the file is sound either way.
   */
  readonly synchronous: "FULL" | "NORMAL"
  /** How long SQLite waits for another process's write before it gives up, in milliseconds; 5000. */
  readonly busyMs?: number
}

interface Prepared {
  readonly statement: StatementSync
  readonly columns: readonly string[]
}

/** How often a transaction waits so long for its start. */
const busyRounds = 2
/** The write-ahead log is cut back to this size once its pages are in the main file. */
const walBytes = 64 * 1024 * 1024

/**
 * One SQLite file: prepared statements kept, errors translated into the catalogue's codes, transactions that several processes can run at
 * once. All calls are synchronous; the ports over it make them promises.
 *
 * Errors: `disk_full`, `engine_unavailable` (another process holds the file for too long, or it cannot be opened), `store_damaged`.
 */
export class Database {
  readonly path: string
  readonly #connection: DatabaseSync
  readonly #statements = new Map<string, Prepared>()

  constructor(options: DatabaseOptions) {
    this.path = options.path
    createPrivately(options.path)
    this.#connection = this.#guard(() => new DatabaseSync(options.path, { timeout: busyMs(options) }))
    try {
      this.#guard(() => this.#prepareFile(options))
    } catch (error) {
      this.#connection.close()
      throw error
    }
  }

  /** Changed rows. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#guard(() => Number(this.#prepared(sql).statement.run(...values).changes))
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#guard(() => {
      const { statement, columns } = this.#prepared(sql)
      const row = statement.get(...values)
      return row && named<Row>(columns, row)
    })
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#guard(() => {
      const { statement, columns } = this.#prepared(sql)
      return statement.all(...values).map((row) => named<Row>(columns, row))
    })
  }

  /** Rows until `enough` says so; for answers that must not be in memory as a whole. */
  take<Row>(sql: string, values: readonly SQLInputValue[], enough: (row: Row) => boolean): void {
    this.#guard(() => {
      const { statement, columns } = this.#prepared(sql)
      for (const row of statement.iterate(...values)) if (enough(named(columns, row))) break
    })
  }

  /** All or nothing, alone among all processes. `work` must not wait for anything. */
  transaction<Result>(work: () => Result): Result {
    this.#begin()
    return this.#finish(work)
  }

  /** Several reads of one state of the file. */
  snapshot<Result>(work: () => Result): Result {
    this.run("BEGIN DEFERRED")
    return this.#finish(work)
  }

  /** Inside a transaction: undoes only what `work` did if it throws. */
  step(work: () => void): void {
    this.run("SAVEPOINT step")
    try {
      work()
      this.run("RELEASE step")
    } catch (error) {
      if (this.#connection.isTransaction) {
        this.run("ROLLBACK TO step")
        this.run("RELEASE step")
      }
      throw error
    }
  }

  /**
   * Moves everything from the write-ahead log into the main file and empties the log.
   *
   * @returns false where a reader in another process kept the log in use
   */
  truncateLog(): boolean {
    return this.get<{ busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)")?.busy === 0
  }

  close(): void {
    if (!this.#connection.isOpen) return
    this.#statements.clear()
    this.#guard(() => this.#connection.close())
  }

  #prepared(sql: string): Prepared {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#connection.prepare(sql)
    statement.setReturnArrays(true)
    const prepared = { statement, columns: statement.columns().map(({ name }) => name) }
    this.#statements.set(sql, prepared)
    return prepared
  }

  #begin(): void {
    for (let round = 1; ; round++) {
      try {
        this.run("BEGIN IMMEDIATE")
        return
      } catch (error) {
        const busy = error instanceof WatchlineError && error.code === "engine_unavailable"
        if (!busy || round === busyRounds) throw error
      }
    }
  }

  #finish<Result>(work: () => Result): Result {
    try {
      const result = work()
      this.run("COMMIT")
      return result
    } catch (error) {
      // After a full disk SQLite has rolled back by itself.
      if (this.#connection.isTransaction) this.run("ROLLBACK")
      throw error
    }
  }

  #prepareFile(options: DatabaseOptions): void {
    const { applicationId, migrations, synchronous } = options
    const connection = this.#connection
    this.#switchToWal(busyMs(options))
    connection.exec(`
      PRAGMA synchronous = ${synchronous};
      PRAGMA journal_size_limit = ${walBytes};
      PRAGMA temp_store = MEMORY;
      PRAGMA foreign_keys = ON;
      PRAGMA recursive_triggers = ON;
      PRAGMA secure_delete = ON;
    `)
    if (this.#version(applicationId, migrations.length) === migrations.length) return
    this.transaction(() => {
      const version = this.#version(applicationId, migrations.length) // another process may have been faster
      for (const migration of migrations.slice(version)) connection.exec(migration)
      connection.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`)
    })
  }

  /** Two processes that open a new file at once: SQLite refuses the second switch at once instead of waiting. */
  #switchToWal(waitMs: number): void {
    const until = Date.now() + waitMs
    for (;;) {
      try {
        this.#connection.exec("PRAGMA journal_mode = WAL")
        return
      } catch (error) {
        if (primaryCode(error) !== sqlite.busy || Date.now() > until) throw error
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      }
    }
  }

  #version(applicationId: number, newest: number): number {
    const pragma = (name: string) => this.#connection.prepare(`PRAGMA ${name}`).get()?.[name] as number
    const [owner, version] = [pragma("application_id"), pragma("user_version")]
    if (owner !== applicationId && !(owner === 0 && version === 0)) {
      throw new WatchlineError("store_damaged", {
        message: `${basename(this.path)} is another program's file, or that of another store.`,
        remedy: "Put the right file back, or move this one away to start an empty store.",
      })
    }
    if (version > newest) {
      throw new WatchlineError("store_damaged", {
        message: `${basename(this.path)} has version ${version}; this program knows ${newest}.`,
        remedy: "Use the newer Watchline that wrote it, or go back to a copy made before the update.",
      })
    }
    return version
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      throw translated(error, basename(this.path))
    }
  }
}

const busyMs = (options: DatabaseOptions) => options.busyMs ?? 5000

/**
 * A row as an ordinary object. SQLite's own have no prototype, which makes them unequal to any object written down, and cost twice the time
 * of arrays that get their names here.
 */
function named<Row>(columns: readonly string[], row: unknown): Row {
  const values = row as readonly unknown[]
  const object: Record<string, unknown> = {}
  for (const [place, column] of columns.entries()) object[column] = values[place]
  return object as Row
}

/**
 * SQLite gives the journal files the mode of the main file, so that one must be private from its first byte on. An existing file is not
 * opened here: closing any descriptor of it would drop the locks that this process holds through SQLite (POSIX advisory locks).
 */
function createPrivately(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    if (existsSync(path)) chmodSync(path, 0o600)
    else closeSync(openSync(path, "a", 0o600))
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined
    throw new WatchlineError(code === "ENOSPC" || code === "EDQUOT" ? "disk_full" : "engine_unavailable", {
      message: `${basename(path)} cannot be created or made private.`,
      remedy: "Look at the workspace folder's owner, mode and free space.",
      cause,
    })
  }
}

/** Primary result codes (sqlite.org/rescode.html). */
const sqlite = {
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
}

function primaryCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined
}

function translated(cause: unknown, file: string): unknown {
  switch (primaryCode(cause)) {
    case sqlite.full:
    case sqlite.io:
      return new WatchlineError("disk_full", {
        message: `${file} cannot be written or read: the disk is full or failing.`,
        remedy: "Make room on the workspace's disk; the work goes on by itself.",
        cause,
      })
    case sqlite.busy:
    case sqlite.locked:
    case sqlite.noMemory:
      return new WatchlineError("engine_unavailable", {
        message: `${file} is held by another process.`,
        remedy: "Wait, or look for a Watchline process that hangs.",
        cause,
      })
    case sqlite.readOnly:
    case sqlite.cannotOpen:
      return new WatchlineError("engine_unavailable", {
        message: `${file} cannot be opened for writing.`,
        remedy: "Look at the owner and mode of the workspace folder and its files.",
        cause,
      })
    case sqlite.corrupt:
    case sqlite.notADatabase:
      return new WatchlineError("store_damaged", {
        message: `${file} is damaged.`,
        remedy: "Bring it back from a copy, or move it away with its -wal and -shm files to start an empty store.",
        cause,
      })
    default:
      return cause
  }
}
