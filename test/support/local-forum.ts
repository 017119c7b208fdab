import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestContext } from "node:test"
import { planForum } from "../../src/demo/forum-plan.ts"
import { serveForum } from "../../src/demo/forum-server.ts"
import { makePictures } from "../../src/demo/pictures.ts"
import type { ForumPlan } from "../../src/demo/planned-forum.ts"
import { type Collectable, collectables } from "../../src/model/mandate.ts"
import { instant } from "../../src/model/record.ts"
import { createWorkspace, openSystem, type System } from "../../src/system.ts"
import { type SocksServer, startSocksServer } from "./socks-server.ts"

/** Looks like a v3 onion address; only the test's own SOCKS proxy knows it. */
export const onion = `${"gnome".padEnd(55, "a")}d.onion`

export interface LocalForum {
  readonly plan: ForumPlan
  readonly pictures: ReadonlyMap<string, Uint8Array>
  readonly socks: SocksServer
  readonly server: Awaited<ReturnType<typeof serveForum>>
  /** Where commands and systems of this test work. */
  readonly directory: string
}

/** A part of the demo forum behind a real SOCKS proxy on loopback: as crawled through Tor, without the half minute that Tor takes. */
export async function startLocalForum(t: TestContext, threads: number): Promise<LocalForum> {
  const plan = partOf(planForum(1), threads)
  const wanted = new Set(plan.images.flatMap((image) => [image.name, image.source ?? image.name]))
  const pictures = await makePictures({
    seed: plan.seed,
    images: planForum(1).images.filter((i) => wanted.has(i.name)),
  })
  const server = await serveForum(plan, pictures)
  const socks = await startSocksServer({ hosts: new Map([[onion, server.port]]) })
  const directory = mkdtempSync(join(tmpdir(), "watchline-flow-"))
  t.after(async () => {
    await socks.stop()
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return { plan, pictures, socks, server, directory }
}

/** The first threads of a plan, with their posts and pictures. */
function partOf(plan: ForumPlan, threads: number): ForumPlan {
  const kept = plan.threads.slice(0, threads)
  const posts = plan.posts.filter((post) => kept.some((thread) => thread.id === post.thread))
  const ids = new Set(posts.map((post) => post.id))
  return {
    ...plan,
    threads: kept,
    posts,
    images: plan.images.filter((image) => ids.has(image.post)),
    offSitePictures: plan.offSitePictures.filter((picture) => ids.has(picture.post)),
  }
}

/** Settings under which a test's crawl is quick: no pauses, the shortest leases. */
export function quickSettings(socks: { readonly host: string; readonly port: number }): Record<string, string> {
  return {
    WATCHLINE_TOR_SOCKS: `${socks.host}:${socks.port}`,
    WATCHLINE_CRAWL_DELAY_MS: "0",
    WATCHLINE_CRAWL_PAGES: "2",
    WATCHLINE_CRAWL_PICTURES: "8",
    WATCHLINE_CRAWL_LEASE_SECONDS: "1",
    WATCHLINE_WORK_LEASE_SECONDS: "1",
    WATCHLINE_LOG_LEVEL: "error",
  }
}

/** A workspace with a mandate for the local forum, and the forum registered as "gnomes". */
export async function prepareWorkspace(
  home: string,
  forum: Pick<LocalForum, "socks">,
  expiresInMs = 3_600_000,
  env = quickSettings(forum.socks),
  collect: readonly Collectable[] = collectables,
): Promise<void> {
  await createWorkspace(home, "Gnome Office")
  const register = async (system: System) => {
    const { id } = await system.signMandate(
      {
        issuingBody: "Gnome Office",
        legalBasis: "a test",
        reference: "TEST-1",
        hosts: [onion],
        collect,
        retentionDays: 30,
        start: instant(Date.now() - 60_000),
        expiry: instant(Date.now() + expiresInMs),
        robots: "honour",
      },
      "kim",
    )
    await system.addForum({
      url: `http://${onion}/`,
      mandate: id,
      engine: "auto",
      id: "gnomes",
      timeZone: "UTC",
      person: "kim",
    })
  }
  await withSystem(home, forum, register, env)
}

export async function withSystem<Result>(
  home: string,
  forum: Pick<LocalForum, "socks">,
  use: (system: System) => Promise<Result>,
  env = quickSettings(forum.socks),
): Promise<Result> {
  const system = await openSystem(home, { env })
  try {
    return await use(system)
  } finally {
    await system.close()
  }
}
