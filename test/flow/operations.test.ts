import assert from "node:assert/strict"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { openMetrics } from "../../src/operations/metrics.ts"
import { openStatusServer } from "../../src/operations/status-server.ts"
import { prepareWorkspace, quickSettings, startLocalForum } from "../support/local-forum.ts"
import { type CommandPlace, runCommand, startCommand } from "../support/workspace-command.ts"

const infra = join(import.meta.dirname, "../../infra")

/** A command that serves its status on a port of its own; ended when the test is. */
async function watched(t: TestContext, place: CommandPlace, ...args: string[]) {
  const env = { ...place.env, WATCHLINE_STATUS_LISTEN: "127.0.0.1:0", WATCHLINE_LOG_LEVEL: "info" }
  const running = startCommand({ ...place, env }, ...args)
  t.after(async () => {
    running.process.kill("SIGTERM")
    await running.ended
  })
  const url = await eventually(() => /"url":"(http:[^"]+)"/.exec(running.stderr())?.[1])
  return {
    ...running,
    status: async (path: string) => {
      const answer = await fetch(url + path)
      return { status: answer.status, text: await answer.text() }
    },
    /** Sum of a metric's values over the lines that hold all these labels. */
    async metric(name: string, labels: Record<string, string> = {}) {
      const text = await (await fetch(`${url}/metrics`)).text()
      const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
      return text
        .split("\n")
        .filter((line) => line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label)))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0)
    },
  }
}

async function eventually<Value>(look: () => Promise<Value | undefined | false> | Value | undefined | false) {
  for (let tries = 0; tries < 600; tries++) {
    const value = await look()
    if (value) return value
    await sleep(100)
  }
  throw new Error("It has not come to be within a minute.")
}

test("a crawl and a worker count for Prometheus what the forum holds, and tell readiness from life", async (t) => {
  const forum = await startLocalForum(t, 6)
  const home = join(forum.directory, "home")
  await prepareWorkspace(home, forum)
  const place = { home, env: quickSettings(forum.socks) }
  const { posts } = forum.plan

  const crawl = await watched(t, place, "crawl")
  await eventually(
    async () => (await crawl.metric("watchline_crawl_posts_total", { forum: "gnomes" })) === posts.length,
  )
  assert.equal(await crawl.metric("watchline_crawl_pictures_total"), forum.plan.images.length)
  await eventually(async () => (await crawl.metric("watchline_frontier_pages", { state: "waiting" })) === 0)
  assert.equal((await crawl.status("/status/live")).status, 200)
  assert.deepEqual(JSON.parse((await crawl.status("/status/ready")).text), {
    ready: true,
    checks: ["event log", "index", "Tor"].map((name) => ({ name, ok: true })),
  })

  const work = await watched(t, place, "work")
  const stored = { stage: "store", outcome: "done" }
  await eventually(async () => (await work.metric("watchline_stage_records_total", stored)) >= posts.length)
  await eventually(async () => (await work.metric("watchline_stage_lag_records")) === 0)
  assert.equal(await work.metric("watchline_dead_letters_records"), 0)
  assert.ok((await work.metric("watchline_stage_batch_seconds_count", { stage: "judge" })) > 0)
  for (const { text } of [await crawl.status("/metrics"), await work.status("/metrics")]) {
    assert.doesNotMatch(text, /onion|http/, "a number names no address")
  }
})

test("a crawl whose Tor is away is alive and not ready, and names what is missing", async (t) => {
  const forum = await startLocalForum(t, 6)
  const home = join(forum.directory, "home")
  await prepareWorkspace(home, forum)
  const env = { ...quickSettings(forum.socks), WATCHLINE_CRAWL_DELAY_MS: "300", WATCHLINE_CRAWL_PAGES: "1" }
  const crawl = await watched(t, { home, env }, "crawl")
  await eventually(async () => (await crawl.metric("watchline_crawl_pages_total")) > 0)
  await forum.socks.stop()
  const ready = await eventually(async () => {
    const answer = await crawl.status("/status/ready")
    return answer.status === 503 && JSON.parse(answer.text)
  })
  assert.deepEqual(
    ready.checks.filter(({ ok }: { ok: boolean }) => !ok).map(({ name }: { name: string }) => name),
    ["Tor"],
  )
  assert.equal((await crawl.status("/status/live")).status, 200)
})

test("the status server refuses other host names, other methods and unknown paths, and survives a need that hangs or throws", async (t) => {
  const needs = [
    { name: "gnome", check: async () => Promise.reject(new Error("The gnome is out.")) },
    { name: "pond", check: async () => {} },
  ]
  const server = await openStatusServer("127.0.0.1:0", { metrics: openMetrics(), needs })
  t.after(() => server.close())
  const ask = async (path: string, options: RequestInit = {}) => (await fetch(server.url + path, options)).status
  assert.equal(await ask("/status/live"), 200)
  assert.equal(await ask("/status/live", { method: "POST" }), 405)
  assert.equal(await ask("/keys"), 404)
  const ready = await fetch(`${server.url}/status/ready`)
  assert.equal(ready.status, 503)
  assert.deepEqual(((await ready.json()) as { checks: unknown[] }).checks[0], {
    name: "gnome",
    ok: false,
    says: "The gnome is out.",
  })
  const rebound = await new Promise<number>((resolve) => {
    import("node:http").then(({ get }) =>
      get(`${server.url}/metrics`, { headers: { host: "gnomes.example" } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode!)
      }),
    )
  })
  assert.equal(rebound, 421)
  await assert.rejects(openStatusServer(server.url.slice("http://".length), { metrics: openMetrics(), needs }), {
    code: "config_invalid",
  })
})

test("every number that the Grafana dashboard and the alerts ask for is one that a process tells", async () => {
  const metrics = openMetrics()
  const none = async () => 0
  metrics.watchStages([{ name: "store", waiting: none, dead: none }])
  metrics.watchForums(
    [
      {
        name: "gnomes",
        done: () => ({ pages: 1, posts: 1, pictures: 1, pageFailures: 0, pictureFailures: 0, alarms: 0 }),
        frontier: async () => ({ waiting: 0, leased: 0, visited: 1, failed: 0 }),
      },
    ],
    () => ({ busy: 0, waiting: 0, workers: 1 }),
  )
  metrics.stageBatch("store", { records: 1, done: 1, retried: 0, dead: 0, lost: 0, seconds: 0.1 })
  const told = new Set([...(await metrics.text()).matchAll(/^([a-z_0-9]+)[{ ]/gm)].map(([, name]) => name))
  const grafana = JSON.parse(readFileSync(join(infra, "grafana/watchline.json"), "utf8"))
  const expressions: string[] = grafana.panels.flatMap((panel: { targets: { expr: string }[] }) =>
    panel.targets.map(({ expr }) => expr),
  )
  expressions.push(readFileSync(join(infra, "prometheus/watchline-rules.yml"), "utf8"))
  const asked = new Set(expressions.flatMap((text) => text.match(/\b(?:watchline|process|nodejs)_[a-z_0-9]+/g) ?? []))
  assert.ok(asked.size > 12)
  assert.deepEqual(
    [...asked].filter((name) => !told.has(name)),
    [],
  )
})

interface SentSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
}

test("a page's trace leads from the fetch to the index, across processes, and tells no address", async (t) => {
  const forum = await startLocalForum(t, 6)
  const bodies: string[] = []
  const collector = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request.setEncoding("utf8")) body += chunk
    bodies.push(body)
    response.writeHead(200, { "content-type": "application/json" }).end("{}")
  }).listen(0, "127.0.0.1")
  await once(collector, "listening")
  t.after(() => collector.close())
  const { port } = collector.address() as { port: number }
  const home = join(forum.directory, "home")
  await prepareWorkspace(home, forum)
  const env = { ...quickSettings(forum.socks), WATCHLINE_TRACES_ENDPOINT: `http://127.0.0.1:${port}/v1/traces` }
  for (const command of ["crawl", "work"]) {
    const ended = await runCommand({ home, env }, command, "--once")
    assert.equal(ended.exit, 0, ended.stderr)
  }
  const spans: SentSpan[] = bodies.flatMap((body) =>
    JSON.parse(body).resourceSpans.flatMap((r: { scopeSpans: { spans: SentSpan[] }[] }) =>
      r.scopeSpans.flatMap((scope) => scope.spans),
    ),
  )
  const known = new Map(spans.map((span) => [span.spanId, span]))
  const pathOf = (span: SentSpan): string[] => {
    const parent = known.get(span.parentSpanId ?? "")
    return [...(parent ? pathOf(parent) : []), span.name]
  }
  const paths = new Set(spans.map((span) => pathOf(span).join(" > ")))
  for (const path of [
    "page > fetch",
    "page > pictures",
    "page > append",
    "page > stage store",
    "page > stage judge > stage store",
    "page > stage cluster",
  ]) {
    assert.ok(paths.has(path), `${path} is missing among ${[...paths].join("; ")}`)
  }
  assert.doesNotMatch(bodies.join(), /onion|viewtopic|gnome-office|\/tmp\//i)
})

test("a collector that is away costs a crawl its traces and nothing else", async (t) => {
  const forum = await startLocalForum(t, 6)
  const home = join(forum.directory, "home")
  await prepareWorkspace(home, forum)
  const env = { ...quickSettings(forum.socks), WATCHLINE_TRACES_ENDPOINT: "http://127.0.0.1:9/v1/traces" }
  const ended = await runCommand({ home, env }, "crawl", "--once", "--json")
  assert.equal(ended.exit, 0, ended.stderr)
  assert.equal(JSON.parse(ended.stdout).forums[0].posts, forum.plan.posts.length)
})

test("a collector on another machine is refused: a crawler sends nothing past this one but through Tor", async (t) => {
  const forum = await startLocalForum(t, 6)
  const home = join(forum.directory, "home")
  await prepareWorkspace(home, forum)
  const env = { ...quickSettings(forum.socks), WATCHLINE_TRACES_ENDPOINT: "http://collector.example:4318/v1/traces" }
  const ended = await runCommand({ home, env }, "crawl", "--once")
  assert.equal(ended.exit, 2)
  assert.match(ended.stderr, /traces\.endpoint/)
})
