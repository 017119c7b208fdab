import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { type ErrorCode, WatchlineError } from "../../src/errors.ts"
import { idOf, instant } from "../../src/model/record.ts"
import type { Frontier, Lease, Link, Visited } from "../../src/ports/frontier.ts"
import type { WorkerProcess, WorkerTask } from "./worker-process.ts"

export interface FrontierBench {
  readonly frontier: Frontier
  /** The same storage as another process would open it. */
  another(): Promise<Frontier>
  readonly leaseMs: number
  /** Tries before a page is given up. */
  readonly attempts: number
  /** The same storage, opened for at most so many pages of one forum. */
  withRoom(pages: number): Promise<Frontier>
  start(task: WorkerTask, name: string, count: number): WorkerProcess
  /** More pages than a crawler visits before it is killed; 2000. */
  readonly manyPages?: number
}

const now = Date.UTC(2026, 4, 1)
const thread = (name: string): Link => ({ url: `http://gnomes.example/${name}`, kind: "thread" })
const nothing: Visited = { found: [], examined: new Map() }
const [a] = [{ forums: ["a"], perSite: 1 }]
const failure = (code: ErrorCode) => new WatchlineError(code)

async function leased(frontier: Frontier, worker: string, at: number, options = a): Promise<Lease> {
  const lease = await frontier.lease(worker, at, options)
  assert.ok(lease, "a page should be due")
  return lease
}

export function frontierContract(open: (t: TestContext) => Promise<FrontierBench>): void {
  test("an empty frontier has nothing due and nothing planned", async (t) => {
    const { frontier } = await open(t)
    assert.equal(await frontier.lease("w", now, a), undefined)
    assert.equal(await frontier.nextDue(["a"], "all"), undefined)
    assert.deepEqual(await frontier.counts("a"), { waiting: 0, leased: 0, visited: 0, failed: 0 })
  })

  test("a page that shows what an earlier one showed is told from it, by its content at the last visit", async (t) => {
    const { frontier } = await open(t)
    await frontier.add("a", [thread("first"), thread("again")])
    await frontier.add("b", [thread("again")])
    const [first, again] = [thread("first").url, thread("again").url]
    assert.equal(await frontier.shownBefore("a", again, "c1"), false)
    await frontier.visited(await leased(frontier, "w", now), { ...nothing, content: "c1" }, now)
    assert.equal(await frontier.shownBefore("a", again, "c1"), true)
    assert.equal(await frontier.shownBefore("a", again, "c2"), false)
    assert.equal(await frontier.shownBefore("b", again, "c1"), false)
    await frontier.visited(await leased(frontier, "w", now), { ...nothing, content: "c1" }, now)
    assert.equal(await frontier.shownBefore("a", first, "c1"), false, "the earlier page is never the echo")
    await frontier.visited(
      { forum: "a", ...thread("first"), worker: "w", attempt: 0 },
      { ...nothing, content: "c2" },
      now,
    )
    assert.equal(await frontier.shownBefore("a", again, "c1"), false)
  })

  test("a forum fills the frontier only up to its limit; what is added by hand is always taken", async (t) => {
    const { withRoom } = await open(t)
    const frontier = await withRoom(3)
    await frontier.add("a", [thread("start")])
    await frontier.add("b", [thread("start")])
    assert.equal(await frontier.room("a"), 2)
    const found = [1, 2, 3, 4].map((n) => thread(`t${n}`))
    await frontier.visited(await leased(frontier, "w", now), { ...nothing, found }, now)
    assert.equal(await frontier.room("a"), 0)
    assert.equal((await frontier.counts("a")).waiting, 2)
    await frontier.visited(await leased(frontier, "w", now), { ...nothing, found: [thread("t9")] }, now)
    assert.deepEqual(await frontier.counts("a"), { waiting: 1, leased: 0, visited: 2, failed: 0 })
    await frontier.add("a", [thread("by hand")])
    assert.equal((await frontier.counts("a")).waiting, 2)
    assert.equal(await frontier.room("a"), 0)
    assert.equal(await frontier.room("b"), 2)
  })

  test("pages come by what they lead to, then in order of discovery", async (t) => {
    const { frontier } = await open(t)
    const links: Link[] = [
      { url: "http://g/1", kind: "other" },
      { url: "http://g/2", kind: "thread" },
      { url: "http://g/3", kind: "board" },
      { url: "http://g/4", kind: "thread" },
      { url: "http://g/5", kind: "index" },
    ]
    await frontier.add("a", links)
    const order: string[] = []
    for (const _ of links) {
      const lease = await leased(frontier, "w", now)
      order.push(lease.url.at(-1)!)
      await frontier.visited(lease, nothing, now)
    }
    assert.equal(order.join(""), "53241")
  })

  test("the most urgent page of all the forums asked for comes first, and no other forum's", async (t) => {
    const { frontier } = await open(t)
    await frontier.add("a", [thread("1")])
    await frontier.add("b", [{ url: "http://b/2", kind: "board" }])
    await frontier.add("c", [{ url: "http://c/3", kind: "index" }])
    const options = { forums: ["a", "b"], perSite: 1 }
    assert.equal((await leased(frontier, "w", now, options)).forum, "b")
    assert.equal((await leased(frontier, "w", now, options)).forum, "a")
    assert.equal(await frontier.lease("w", now, options), undefined)
  })

  test("a worker holds at most so many pages of a site", async (t) => {
    const { frontier } = await open(t)
    await frontier.add("a", [thread("1"), thread("2"), thread("3")])
    const two = { forums: ["a"], perSite: 2 }
    const first = await leased(frontier, "w", now, two)
    await leased(frontier, "w", now, two)
    assert.equal(await frontier.lease("w", now, two), undefined)
    await frontier.visited(first, nothing, now)
    await leased(frontier, "w", now, two)
    assert.deepEqual(await frontier.counts("a"), { waiting: 0, leased: 2, visited: 1, failed: 0 })
  })

  test("two workers never hold pages of one site at once, and a site stays with its worker between two pages", async (t) => {
    const bench = await open(t)
    const other = await bench.another()
    await bench.frontier.add("a", [thread("1"), thread("2"), thread("3")])
    const lease = await leased(bench.frontier, "w1", now)
    assert.equal(await other.lease("w2", now, { forums: ["a"], perSite: 9 }), undefined)
    await bench.frontier.visited(lease, nothing, now)
    assert.equal(await other.lease("w2", now + 1, a), undefined)
    await leased(bench.frontier, "w1", now + 2)
  })

  test("a site is free for others when its worker found nothing due there", async (t) => {
    const bench = await open(t)
    await bench.frontier.add("a", [thread("1")])
    await bench.frontier.visited(await leased(bench.frontier, "w1", now), nothing, now)
    assert.equal(await bench.frontier.lease("w1", now, a), undefined)
    await bench.frontier.add("a", [thread("2")])
    assert.equal((await leased(await bench.another(), "w2", now + 1)).worker, "w2")
  })

  test("a page leased by a worker that died is due again after its lease, for any worker, with its tries", async (t) => {
    const bench = await open(t)
    const { frontier, leaseMs } = bench
    await frontier.add("a", [thread("1")])
    await frontier.failed(await leased(frontier, "w1", now), failure("fetch_timeout"), now)
    const due = (await frontier.nextDue(["a"], "unfinished"))!
    await leased(frontier, "w1", due)
    assert.equal(await frontier.nextDue(["a"], "unfinished"), due + leaseMs)
    const other = await bench.another()
    assert.equal(await other.lease("w2", due + leaseMs - 1, a), undefined)
    const again = await leased(other, "w2", due + leaseMs)
    assert.equal(again.attempt, 1)
    assert.equal(again.worker, "w2")
  })

  test("a worker that renews keeps its pages and its site", async (t) => {
    const bench = await open(t)
    const { frontier, leaseMs } = bench
    const other = await bench.another()
    await frontier.add("a", [thread("1"), thread("2")])
    await leased(frontier, "w1", now)
    await frontier.renew("w1", now + leaseMs / 2)
    assert.equal(await other.lease("w2", now + leaseMs, a), undefined)
    assert.ok(await other.lease("w2", now + leaseMs * 1.5, a))
  })

  test("a visit plans the page again, remembers its yield and adds what it found", async (t) => {
    const { frontier } = await open(t)
    await frontier.add("a", [thread("1")])
    const first = await leased(frontier, "w", now)
    assert.equal("lastYield" in first, false)
    const again = now + 1000
    const found = [thread("1"), thread("2"), thread("2")]
    await frontier.visited(first, { found, again: instant(again), yield: "d1", examined: new Map() }, now)
    assert.deepEqual(await frontier.counts("a"), { waiting: 1, leased: 0, visited: 1, failed: 0 })
    assert.equal((await leased(frontier, "w", now)).url, thread("2").url)
    assert.equal(await frontier.lease("w", again - 1, a), undefined)
    await frontier.visited({ ...thread("2"), forum: "a", worker: "w", attempt: 0 }, nothing, now)
    assert.equal(await frontier.nextDue(["a"], "unfinished"), undefined)
    assert.equal(await frontier.nextDue(["a"], "all"), again)
    assert.equal((await leased(frontier, "w", again)).lastYield, "d1")
  })

  test("a visit can be told twice, and one that outlived its lease does not disturb the next worker", async (t) => {
    const bench = await open(t)
    const { frontier, leaseMs } = bench
    await frontier.add("a", [thread("1")])
    const late = await leased(frontier, "w1", now)
    const next = await leased(await bench.another(), "w2", now + leaseMs)
    await frontier.visited(late, { found: [thread("2")], examined: new Map() }, now + leaseMs)
    await frontier.failed(late, failure("fetch_timeout"), now + leaseMs)
    await frontier.release(late)
    assert.deepEqual(await frontier.counts("a"), { waiting: 1, leased: 1, visited: 0, failed: 0 })
    await frontier.visited(next, nothing, now + leaseMs)
    await frontier.visited(next, nothing, now + leaseMs)
    assert.deepEqual(await frontier.counts("a"), { waiting: 1, leased: 0, visited: 1, failed: 0 })
  })

  test("a failed page waits longer after every try, is given up after the last, and gets new tries much later", async (t) => {
    const { frontier, attempts } = await open(t)
    await frontier.add("a", [thread("1")])
    let at = now
    const delays: number[] = []
    for (let attempt = 0; attempt < attempts; attempt++) {
      const lease = await leased(frontier, "w", at)
      assert.equal(lease.attempt, attempt)
      await frontier.failed(lease, failure("fetch_timeout"), at)
      await frontier.failed(lease, failure("fetch_timeout"), at)
      const due = await frontier.nextDue(["a"], "unfinished")
      if (due === undefined) break
      assert.equal(await frontier.lease("w", due - 1, a), undefined)
      delays.push(due - at)
      at = due
    }
    assert.equal(delays.length, attempts - 1)
    assert.deepEqual(
      delays,
      delays.toSorted((x, y) => x - y),
    )
    assert.ok(delays.at(-1)! > delays[0]!)
    assert.deepEqual(await frontier.counts("a"), { waiting: 0, leased: 0, visited: 0, failed: 1 })
    await frontier.add("a", [thread("1")])
    assert.equal(await frontier.lease("w", at + 3_600_000, a), undefined)
    const again = (await frontier.nextDue(["a"], "all"))!
    assert.equal((await leased(frontier, "w", again)).attempt, 0)
    assert.deepEqual(await frontier.counts("a"), { waiting: 0, leased: 1, visited: 0, failed: 0 })
  })

  test("an error that says never gives a page up at once; one that says later counts no try", async (t) => {
    const { frontier } = await open(t)
    await frontier.add("a", [thread("1"), thread("2")])
    await frontier.failed(await leased(frontier, "w", now), failure("http_refused"), now)
    await frontier.failed(await leased(frontier, "w", now), failure("tor_unreachable"), now)
    assert.deepEqual(await frontier.counts("a"), { waiting: 1, leased: 0, visited: 0, failed: 1 })
    const due = (await frontier.nextDue(["a"], "unfinished"))!
    assert.equal((await leased(frontier, "w", due)).attempt, 0)
  })

  test("a success takes the tries away", async (t) => {
    const { frontier } = await open(t)
    await frontier.add("a", [thread("1")])
    await frontier.failed(await leased(frontier, "w", now), failure("fetch_timeout"), now)
    const due = (await frontier.nextDue(["a"], "unfinished"))!
    const again = { ...nothing, again: instant(due + 1000) }
    await frontier.visited(await leased(frontier, "w", due), again, due)
    assert.equal((await leased(frontier, "w", due + 1000)).attempt, 0)
  })

  test("a released page is due at once for everybody, untouched", async (t) => {
    const bench = await open(t)
    await bench.frontier.add("a", [thread("1")])
    await bench.frontier.release(await leased(bench.frontier, "w1", now))
    assert.deepEqual(await bench.frontier.counts("a"), { waiting: 1, leased: 0, visited: 0, failed: 0 })
    assert.equal((await leased(await bench.another(), "w2", now)).attempt, 0)
  })

  test("pictures that were examined are remembered by forum and address", async (t) => {
    const { frontier } = await open(t)
    await frontier.add("a", [thread("1")])
    const picture = { fingerprint: idOf("test", 1), sha256: idOf("test", 2) }
    const examined = new Map([["http://g/p.png", picture]])
    await frontier.visited(await leased(frontier, "w", now), { found: [], examined }, now)
    assert.deepEqual(await frontier.examined("a", ["http://g/p.png", "http://g/q.png"]), examined)
    assert.deepEqual(await frontier.examined("b", ["http://g/p.png"]), new Map())
    assert.deepEqual(await frontier.examined("a", []), new Map())
  })

  test("a worker that closed its frontier leaves nothing leased", async (t) => {
    const bench = await open(t)
    const other = await bench.another()
    await other.add("a", [thread("1")])
    await leased(other, "w1", now)
    await other.close()
    assert.ok(await bench.frontier.lease("w2", now, a))
  })

  test("crawlers in several processes visit every page once", async (t) => {
    const { frontier, start } = await open(t)
    const urls: string[] = []
    for (const forum of ["a", "b", "c"]) {
      const links = Array.from({ length: 30 }, (_, n) => ({ url: `http://${forum}/${n}`, kind: "thread" as const }))
      await frontier.add(forum, links)
      urls.push(...links.map((link) => link.url))
    }
    const crawlers = ["w1", "w2", "w3"].map((name) => start("crawl", name, 0))
    const visited = (await Promise.all(crawlers.map((crawler) => crawler.done))).flat()
    assert.deepEqual(visited.sort(), urls.sort())
  })

  test("a crawler killed in mid-work loses no page: what it held comes again after its lease", async (t) => {
    const { frontier, start, leaseMs, manyPages = 2000 } = await open(t)
    const links = Array.from({ length: manyPages }, (_, n) => thread(String(n)))
    await frontier.add("a", links)
    const crawler = start("crawl", "w1", 0)
    await crawler.reached(20)
    await crawler.kill()
    const { visited, leased: held, waiting } = await frontier.counts("a")
    assert.equal(visited + held + waiting, manyPages)
    const later = Date.now() + leaseMs
    for (let left = held + waiting; left > 0; left--) {
      await frontier.visited(await leased(frontier, "w2", later), nothing, later)
    }
    assert.equal((await frontier.counts("a")).visited, manyPages)
  })
}
