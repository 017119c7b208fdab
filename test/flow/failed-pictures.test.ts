import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"
import { crawlAll } from "../../src/cli/crawl-all.ts"
import { openOutput } from "../../src/cli/output.ts"
import type { FailedPicture } from "../../src/model/failed-picture.ts"
import type { Sighting } from "../../src/model/sighting.ts"
import { deadLetters, replayDeadLetters } from "../../src/pipeline/dead-letters.ts"
import { openSystem, type System } from "../../src/system.ts"
import { startHostileServer } from "../support/hostile-server.ts"
import { png } from "../support/image-bytes.ts"
import { onion, prepareWorkspace, quickSettings } from "../support/local-forum.ts"
import { phpbbRoutes, phpbbThread } from "../support/small-forum.ts"
import { startSocksServer } from "../support/socks-server.ts"
import { runCommand } from "../support/workspace-command.ts"

const failingWorker = new URL("../support/failing-examiner-worker.ts", import.meta.url)

test("a picture that brings its examiner down twice is a dead letter, costs no other, and comes back by a replay", {
  timeout: 120_000,
}, async (t) => {
  const topics = Object.fromEntries(
    [1, 2, 3].map((id) => [
      id,
      phpbbThread(id, [{ id: id * 10, text: `A gnome of topic ${id}. <img src="/picture${id}.png">` }]),
    ]),
  )
  // The worker exits on the one and never ends with the other; see failing-examiner-worker.ts.
  const served: Record<string, Buffer> = {
    "/picture1.png": png({ width: 40, height: 30 }),
    "/picture2.png": Buffer.from("EXIT!"),
    "/picture3.png": Buffer.from("HANG!"),
  }
  const pictures = Object.fromEntries(
    Object.keys(served).map((path) => [
      path,
      (_: unknown, response: import("node:http").ServerResponse) =>
        response.writeHead(200, { "content-type": "image/png" }).end(served[path]),
    ]),
  )
  const server = await startHostileServer({ routes: { ...phpbbRoutes(topics), ...pictures } })
  const socks = await startSocksServer({ hosts: new Map([[onion, server.port]]) })
  const home = mkdtempSync(join(tmpdir(), "watchline-failed-"))
  t.after(async () => {
    await socks.stop()
    await server.close()
    rmSync(home, { recursive: true, force: true })
  })
  await prepareWorkspace(home, { socks })
  const env = { ...quickSettings(socks), WATCHLINE_LOG_LEVEL: "silent" }
  const crawlWith = async (use: (system: System) => Promise<void>) => {
    const openExaminer = () => openExaminerPool({ workers: 1, timeoutMs: 4_000, worker: failingWorker })
    const system = await openSystem(home, { env, openExaminer })
    try {
      await crawlAll(
        system,
        { output: openOutput("json"), signal: new AbortController().signal },
        { forums: [], once: true },
      )
      await use(system)
    } finally {
      await system.close()
    }
  }
  const sightedIn = async (system: System) =>
    (await system.eventLog.read("sightings", 100)).map(({ value }) => new URL((value as Sighting).url).pathname).sort()

  await crawlWith(async (system) => {
    assert.deepEqual(await sightedIn(system), ["/picture1.png"])
    const letters = await deadLetters(system.eventLog, "pictures", 100)
    assert.deepEqual(
      letters
        .map(({ value, headers }) => [new URL((value as FailedPicture).url).pathname, headers.code, headers.attempt])
        .sort(),
      [
        ["/picture2.png", "examiner_crashed", "2"],
        ["/picture3.png", "examiner_timeout", "2"],
      ],
    )
    for (const path of ["/picture2.png", "/picture3.png"])
      assert.equal(server.seen.filter((request) => request.endsWith(path)).length, 2, path)
  })
  const { stdout } = await runCommand({ home, env }, "dead", "list", "--json")
  assert.equal((JSON.parse(stdout) as { letters: unknown[] }).letters.length, 2)

  served["/picture2.png"] = png({ width: 50, height: 30 })
  await crawlWith(async (system) => {
    assert.equal(await replayDeadLetters(system.eventLog, "pictures"), 2)
  })
  await crawlWith(async (system) => {
    assert.deepEqual(await sightedIn(system), ["/picture1.png", "/picture2.png"])
    const left = await deadLetters(system.eventLog, "pictures", 100)
    assert.deepEqual(
      left.map(({ headers }) => headers.code),
      ["examiner_timeout"],
    )
  })
})
