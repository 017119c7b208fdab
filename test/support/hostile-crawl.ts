import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import type { RequestListener } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestContext } from "node:test"
import { crawlAll, type ForumResult } from "../../src/cli/crawl-all.ts"
import { openOutput } from "../../src/cli/output.ts"
import { workStages } from "../../src/cli/work-stages.ts"
import type { Fingerprint } from "../../src/model/fingerprint.ts"
import type { Visit } from "../../src/model/visit.ts"
import { openSystem } from "../../src/system.ts"
import { startHostileServer } from "./hostile-server.ts"
import { onion, prepareWorkspace, quickSettings } from "./local-forum.ts"
import { startSocksServer } from "./socks-server.ts"

export interface Crawled {
  readonly summary: ForumResult
  readonly visits: readonly Visit[]
  readonly alarms: readonly { readonly url: string; readonly alarm: string }[]
  /** What each post says, by its id. */
  readonly texts: ReadonlyMap<string, string>
  readonly sightings: readonly { readonly url: string; readonly fingerprint: string }[]
  readonly fingerprints: ReadonlyMap<string, Fingerprint>
  readonly requests: readonly string[]
  /** Hosts that Tor was asked for. */
  readonly hosts: ReadonlySet<string>
}

/** Crawls a hostile forum to its end and runs the consumers. */
export async function crawled(
  t: TestContext,
  routes: Readonly<Record<string, RequestListener>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<Crawled> {
  const server = await startHostileServer({ routes: { "/robots.txt": (_, to) => to.writeHead(404).end(), ...routes } })
  const socks = await startSocksServer({ hosts: new Map([[onion, server.port]]) })
  const home = mkdtempSync(join(tmpdir(), "watchline-hostile-"))
  t.after(async () => {
    await socks.stop()
    await server.close()
    rmSync(home, { recursive: true, force: true })
  })
  await prepareWorkspace(home, { socks })
  const quick = { WATCHLINE_CRAWL_TIMEOUT_SECONDS: "2", WATCHLINE_CRAWL_ATTEMPTS: "2", WATCHLINE_CRAWL_PAGES: "8" }
  const bounded = { WATCHLINE_CRAWL_PICTURE_MAX_BYTES: String(48 << 20), WATCHLINE_LOG_LEVEL: "silent" }
  const system = await openSystem(home, { env: { ...quickSettings(socks), ...quick, ...bounded, ...settings } })
  try {
    const context = { output: openOutput("json"), signal: new AbortController().signal }
    const [summary] = await crawlAll(system, context, { forums: [], once: true })
    for (const { dead } of await workStages(system, context, { stages: [], once: true })) assert.equal(dead, 0)
    const texts = new Map<string, string>()
    for await (const { id, postId, sealed } of system.findings.posts({})) {
      const [content] = await system.vault.open([{ recordId: id, sealed: sealed! }], {
        actor: "test",
        reason: "a test",
      })
      assert.ok(content && !(content instanceof Error))
      assert.ok(!texts.has(postId), `post ${postId} is counted twice`)
      texts.set(postId, content.text)
    }
    const read = async <T>(topic: "visits" | "sightings" | "fingerprints") =>
      (await system.eventLog.read(topic, 100_000)).map(({ value }) => value as T)
    return {
      summary: summary!,
      visits: await read<Visit>("visits"),
      alarms: await system.findings.alarms({}),
      texts,
      sightings: await read("sightings"),
      fingerprints: new Map((await read<Fingerprint>("fingerprints")).map((print) => [print.id, print])),
      requests: server.seen,
      hosts: new Set(socks.connections.map(({ host }) => host)),
    }
  } finally {
    await system.close()
  }
}

/** Posts of a forum that behaves, ids from 100 on. */
export const goodPosts = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: 100 + i, text: `Good gnome ${100 + i}.` }))
