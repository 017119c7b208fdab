import assert from "node:assert/strict"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { open, readdir, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { suite, type TestContext, test } from "node:test"
import { promisify } from "node:util"
import { SqliteBucketKeys } from "../../src/adapters/sqlite/bucket-keys.ts"
import { caseMigrations } from "../../src/adapters/sqlite/case-schema.ts"
import { Database } from "../../src/adapters/sqlite/database.ts"
import { findingsMigrations } from "../../src/adapters/sqlite/findings-schema.ts"
import { SqliteFindingsWriter } from "../../src/adapters/sqlite/findings-writer.ts"
import { SqliteForums } from "../../src/adapters/sqlite/registry.ts"
import { openSqliteStores } from "../../src/adapters/sqlite/stores.ts"
import type { WatchlineError } from "../../src/errors.ts"
import type { Forum } from "../../src/model/forum.ts"
import { aMessage, aPost, day } from "./records.ts"
import { sqliteBench } from "./sqlite-bench.ts"

const run = promisify(execFile)
const options = { clock: Date.now, random: () => 0.5 }
const files = ["case.db", "events.db", "findings.db", "frontier.db"]

async function closedStore(t: TestContext): Promise<string> {
  const { directory, stores } = await sqliteBench(t)
  await stores.eventLog.append([aMessage(1)])
  await stores.close()
  return directory
}

/** A database of its own with room for so many pages, as if the disk ended there. */
async function smallDatabase(t: TestContext, migrations: readonly string[], pages: number) {
  const { directory } = await sqliteBench(t)
  const database = new Database({
    path: join(directory, "small.db"),
    applicationId: 1,
    migrations,
    synchronous: "FULL",
  })
  t.after(() => database.close())
  const limit = (count: number) => database.get(`PRAGMA max_page_count = ${count}`)
  limit(pages)
  return { database, limit }
}

/** A case file that gives up soon, and another connection to it. */
async function impatientCaseFile(t: TestContext) {
  const { directory } = await sqliteBench(t)
  const [path, applicationId] = [join(directory, "case.db"), 0x574c_0004]
  const file = new Database({ path, applicationId, migrations: caseMigrations, synchronous: "FULL", busyMs: 50 })
  const holder = new DatabaseSync(path)
  t.after(() => {
    holder.close()
    file.close()
  })
  return { file, holder }
}

suite("SQLite files", () => {
  test("store files and their journals are readable by their owner alone", async (t) => {
    const { directory, stores } = await sqliteBench(t)
    await stores.eventLog.append([aMessage(1)])
    const names = await readdir(directory)
    assert.deepEqual(names.filter((name) => name.endsWith(".db")).sort(), files)
    assert.ok(names.includes("events.db-wal"))
    for (const name of names) assert.equal((await stat(join(directory, name))).mode & 0o777, 0o600, name)
  })

  test("a file that is no database, or another store's, is called damaged, with a remedy", async (t) => {
    const directory = await closedStore(t)
    await writeFile(join(directory, "findings.db"), "a garden gnome".repeat(1000))
    const damaged = (error: WatchlineError) => error.code === "store_damaged" && error.remedy !== undefined
    assert.throws(() => openSqliteStores(directory, options), damaged)
    const other = await closedStore(t)
    await run("cp", [join(other, "case.db"), join(directory, "findings.db")])
    assert.throws(() => openSqliteStores(directory, options), damaged)
  })

  test("a file with torn pages is called damaged where they are read", async (t) => {
    const { directory, stores } = await sqliteBench(t)
    await stores.eventLog.append(Array.from({ length: 2000 }, (_, n) => aMessage(n)))
    await stores.close()
    const path = join(directory, "events.db")
    const { size } = await stat(path)
    const file = await open(path, "r+")
    for (let page = 20; page * 4096 < size; page++) await file.write(Buffer.alloc(4096, 0xab), 0, 4096, page * 4096)
    await file.close()
    const again = openSqliteStores(directory, options)
    t.after(() => again.close())
    await assert.rejects(
      async () => {
        const subscription = await again.eventLog.subscribe("g", ["posts"])
        while ((await subscription.next(500)).length > 0);
      },
      { code: "store_damaged" },
    )
  })

  test("a file of a newer version is left alone", async (t) => {
    const directory = await closedStore(t)
    const file = new DatabaseSync(join(directory, "case.db"))
    file.exec("PRAGMA user_version = 99")
    file.close()
    assert.throws(() => openSqliteStores(directory, options), { code: "store_damaged" })
    const after = new DatabaseSync(join(directory, "case.db"))
    assert.deepEqual({ ...after.prepare("PRAGMA user_version").get() }, { user_version: 99 })
    after.close()
  })

  test("an older file is brought forward and keeps what it holds", async (t) => {
    const { directory } = await sqliteBench(t)
    const path = join(directory, "forward.db")
    const [first, second] = ["CREATE TABLE gnome (name TEXT)", "ALTER TABLE gnome ADD COLUMN hat TEXT DEFAULT 'red'"]
    const old = new Database({ path, applicationId: 1, migrations: [first!], synchronous: "FULL" })
    old.run("INSERT INTO gnome VALUES ('Otto')")
    old.close()
    const now = new Database({ path, applicationId: 1, migrations: [first!, second!], synchronous: "FULL" })
    t.after(() => now.close())
    assert.deepEqual(now.all("SELECT * FROM gnome"), [{ name: "Otto", hat: "red" }])
  })

  test("a folder that cannot be written is refused with a code, not a stack trace", async (t) => {
    const directory = await closedStore(t)
    assert.throws(() => openSqliteStores(join(directory, "case.db"), options), { code: "engine_unavailable" })
  })

  test("what people said, lists and the audit log can be neither changed nor removed, nor replaced on conflict", async (t) => {
    const { directory, stores } = await sqliteBench(t)
    await stores.audit.append({ actor: "ann", action: "gnome.count", at: day(1) })
    const file = new Database({
      path: join(directory, "case.db"),
      applicationId: 0x574c_0004,
      migrations: caseMigrations,
      synchronous: "FULL",
    })
    t.after(() => file.close())
    for (const table of ["decision", "approval", "list_version"]) {
      const columns =
        table === "list_version" ? "(sequence, json) VALUES (1, 'x')" : "(sequence, id, json) VALUES (1, 'x', 'x')"
      file.run(`INSERT INTO ${table} ${columns}`)
    }
    for (const table of ["decision", "approval", "list_version", "audit_event"]) {
      assert.throws(() => file.run(`UPDATE ${table} SET json = ''`), /append-only/)
      assert.throws(() => file.run(`DELETE FROM ${table}`), /append-only/)
      assert.throws(() => file.run(`REPLACE INTO ${table} SELECT * FROM ${table}`), /append-only/)
    }
    assert.equal((await Array.fromAsync(stores.audit.events())).length, 1)
  })

  test("a full disk is said as such, keeps the batch out as a whole, and the same call succeeds when there is room", async (t) => {
    const { database, limit } = await smallDatabase(t, findingsMigrations, 90)
    const writer = new SqliteFindingsWriter(database)
    const batch = Array.from({ length: 400 }, (_, n) => ({ kind: "post" as const, record: aPost(String(n)) }))
    await writer.put(batch.slice(0, 10))
    await assert.rejects(writer.put(batch), { code: "disk_full" })
    assert.deepEqual(database.get("SELECT count(*) AS posts FROM post"), { posts: 10 })
    limit(100_000)
    assert.ok((await writer.put(batch)).every((answer) => answer === undefined))
    assert.deepEqual(database.get("SELECT count(*) AS posts FROM post"), { posts: 400 })
  })

  test("a process whose writes are cut off in mid-commit says that the disk is full and leaves the store sound", async (t) => {
    const directory = await closedStore(t)
    const script = `
      import { openSqliteStores } from "${new URL("../../src/adapters/sqlite/stores.ts", import.meta.url)}"
      import { aMessage } from "${new URL("records.ts", import.meta.url)}"
      const stores = openSqliteStores("${directory}", { clock: Date.now, random: Math.random })
      let appended = 0
      try {
        for (; appended < 10_000; appended++) await stores.eventLog.append([aMessage(appended, { value: "g".repeat(5000) })])
      } catch (error) { console.log(JSON.stringify([error.code, appended])) }
      process.exit(0)`
    // RLIMIT_FSIZE: the kernel refuses to let a file grow past this many KiB, as a full disk would.
    const { stdout } = await run("bash", [
      "-c",
      'ulimit -f 1000; exec "$0" --input-type=module-typescript -e "$1"',
      process.execPath,
      script,
    ])
    const [code, appended] = JSON.parse(stdout)
    assert.equal(code, "disk_full")
    const stores = openSqliteStores(directory, options)
    t.after(() => stores.close())
    assert.equal(await stores.eventLog.lag("g", ["posts"]), appended + 1)
    await stores.eventLog.append([aMessage(1)])
    assert.equal(await stores.eventLog.lag("g", ["posts"]), appended + 2)
  })

  test("a process killed in mid-transaction leaves nothing of it and blocks nobody", async (t) => {
    const { directory, stores } = await sqliteBench(t)
    const script = `
      import { DatabaseSync } from "node:sqlite"
      const file = new DatabaseSync("${join(directory, "events.db")}")
      file.exec("PRAGMA cache_size = 10; BEGIN IMMEDIATE")
      const insert = file.prepare("INSERT INTO message (topic, partition, offset, key, kind, version, id, value, headers, at) VALUES ('posts', 0, ?, '', '', 1, '', ?, '{}', 0)")
      for (let n = 0; n < 500; n++) insert.run(n, "g".repeat(5000))
      console.log("in the middle")
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    t.after(() => void child.kill("SIGKILL"))
    await once(child.stdout!, "data")
    assert.ok(
      (await stat(join(directory, "events.db-wal"))).size > 1_000_000,
      "the transaction should have spilled to disk",
    )
    child.kill("SIGKILL")
    await once(child, "close")
    await stores.eventLog.append([aMessage(1)])
    assert.equal((await stores.eventLog.read("posts", 600)).length, 1)
    const file = new DatabaseSync(join(directory, "events.db"))
    assert.deepEqual({ ...file.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" })
    file.close()
  })

  test("a store that another process holds for too long is unavailable, not damaged", async (t) => {
    const { file, holder } = await impatientCaseFile(t)
    holder.exec("BEGIN IMMEDIATE")
    const forums = new SqliteForums(file)
    await assert.rejects(forums.put({ id: "gnomes" } as Forum), { code: "engine_unavailable" })
    assert.throws(() => file.transaction(() => assert.fail("it must not begin")), { code: "engine_unavailable" })
    holder.exec("ROLLBACK")
    await forums.put({ id: "gnomes" } as Forum)
  })

  test("a destroyed key whose bytes a reader holds in the log is finished at the next look", async (t) => {
    const { file, holder } = await impatientCaseFile(t)
    const keys = new SqliteBucketKeys(file)
    await keys.getOrCreate("2026-05", () => new Uint8Array(60).fill(7))
    holder.exec("BEGIN")
    holder.prepare("SELECT * FROM bucket_key").all()
    await assert.rejects(keys.destroy("2026-05"), { code: "engine_unavailable" })
    assert.equal(await keys.get("2026-05"), undefined)
    holder.exec("COMMIT")
    assert.deepEqual(await keys.buckets(), [])
    const { size } = await stat(`${file.path}-wal`)
    assert.ok(size < 10_000, `the log still has ${size} bytes`)
  })

  test("old messages go when every group has acknowledged them; unread ones and dead letters stay", async (t) => {
    const { stores, pass } = await sqliteBench(t)
    const { eventLog } = stores
    await eventLog.append([
      aMessage(1, { key: "one" }),
      aMessage(2, { key: "one" }),
      aMessage(3, { topic: "judge.dead" }),
    ])
    const [a, b] = [await eventLog.subscribe("a", ["posts"]), await eventLog.subscribe("b", ["posts"])]
    const receipts = (await a.next(9)).map((d) => d.receipt)
    await a.acknowledge(receipts)
    await b.next(9)
    await b.acknowledge(receipts.slice(0, 1))
    assert.equal(await stores.trimEvents(Date.now() - 1000), 0)
    pass(60_000)
    await eventLog.append([aMessage(4, { key: "one" })])
    assert.equal(await stores.trimEvents(Date.now() + 30_000), 1)
    assert.equal((await eventLog.read("posts", 9)).length, 2)
    assert.equal((await eventLog.read("judge.dead", 9)).length, 1)
    assert.equal(await eventLog.lag("new", ["posts"]), 2)
    const late = await eventLog.subscribe("new", ["posts"])
    await late.acknowledge((await late.next(9)).map((d) => d.receipt))
    assert.equal(await eventLog.lag("new", ["posts"]), 0)
  })

  test("closing a store twice does no harm", async (t) => {
    const { stores } = await sqliteBench(t)
    await stores.close()
    await stores.close()
  })
})
