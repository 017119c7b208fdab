import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestContext } from "node:test"
import { openSqliteStores, type SqliteStoresOptions } from "../../src/adapters/sqlite/stores.ts"
import { startWorker, type WorkerTask } from "./worker-process.ts"

/** Stores in a folder of their own, with a clock that a test can move; all closed and removed after the test. */
export async function sqliteBench(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "watchline-sqlite-"))
  const closing: { close(): Promise<void> }[] = []
  let ahead = 0
  const open = (more: Pick<SqliteStoresOptions, "pagesOfForum"> = {}) => {
    const stores = openSqliteStores(directory, { clock: () => Date.now() + ahead, random: () => 0.5, ...more })
    closing.push(stores)
    return stores
  }
  t.after(async () => {
    for (const stores of closing) await stores.close()
    await rm(directory, { recursive: true })
  })
  return {
    directory,
    stores: open(),
    open,
    pass(ms: number) {
      ahead += ms
    },
    start: (task: WorkerTask, name: string, count: number) =>
      startWorker(t, new URL("sqlite-opener.ts", import.meta.url).href, directory, task, name, count),
  }
}
