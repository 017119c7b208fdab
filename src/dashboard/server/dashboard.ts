import { readFile } from "node:fs/promises"
import { createRequire, stripTypeScriptTypes } from "node:module"
import helmet from "@fastify/helmet"
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox"
import Fastify, { type FastifyInstance } from "fastify"
import Type from "typebox"
import { describeError, WatchlineError } from "../../errors.ts"
import { type Findings, trendIntervals, trendMetrics, trendSplits } from "../../ports/findings.ts"
import type { PixelScorer } from "../../ports/pixel-scorer.ts"
import { artefactTrend } from "../../trends/artefact-graph.ts"
import { type MonthReportParts, monthReport } from "../../trends/month-report.ts"
import { monthDrift } from "../../trends/pixel-drift.ts"

export interface Dashboard {
  readonly url: string
  close(): Promise<void>
}

const month = Type.String({ pattern: "^\\d{4}-(0[1-9]|1[0-2])$" })
const TrendQuery = Type.Object({
  of: oneOf(trendMetrics),
  by: Type.Optional(oneOf(trendSplits)),
  interval: Type.Optional(oneOf(trendIntervals)),
})
const ArtefactQuery = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 600 }),
  interval: Type.Optional(oneOf(trendIntervals)),
})

function oneOf<const Name extends string>(names: readonly Name[]) {
  return Type.Union(names.map((name) => Type.Literal(name)))
}

const loopbackHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/

/**
 * One read-only page on the loopback interface: a month's report and trends. It has no way to show a picture: the policy that it sends
 * allows its pages no images at all, and no route serves one.
 *
 * A request under another host name is refused, so that no web page can reach it by rebinding a name (CWE-350).
 */
export async function openDashboard(
  parts: MonthReportParts & {
    readonly findings: Findings
    readonly port: number
    /** Absent where no model looks at pixels. */
    readonly scorer?: PixelScorer | undefined
  },
): Promise<Dashboard> {
  const server = Fastify({ logger: false }).withTypeProvider<TypeBoxTypeProvider>()
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        styleSrcAttr: ["'unsafe-inline'"], // the chart's tooltip
        connectSrc: ["'self'"],
        imgSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: "no-referrer" },
  })
  server.addHook("onRequest", async (request, reply) => {
    reply.header("cache-control", "no-store")
    if (!loopbackHost.test(request.headers.host ?? ""))
      await reply.code(421).send({ error: "This page is served to this machine only." })
  })
  server.setErrorHandler((error, _request, reply) => {
    const { code, message } = describeError(error)
    const isOurs = error instanceof WatchlineError
    const status = isOurs ? 400 : ((error as { statusCode?: number }).statusCode ?? 500)
    return reply.code(status).send({ error: status < 500 ? message : "The dashboard failed.", code })
  })

  await servePage(server)
  server.get("/status/live", async () => ({ live: true }))
  // the index is what the page needs
  server.get("/status/ready", async (_request, reply) => {
    const ready = await parts.findings.alarms({ from: "9999-01-01T00:00:00.000Z" }).then(
      () => true,
      () => false,
    )
    return reply.code(ready ? 200 : 503).send({ ready })
  })
  server.get(
    "/api/report",
    { schema: { querystring: Type.Object({ month: Type.Optional(month) }) } },
    async ({ query }) => monthReport(parts, { month: query.month ?? (await newestMonth(parts.findings)) }),
  )
  // apart from the report, which does not wait for it: every image of the weeks is scored
  server.get(
    "/api/drift",
    { schema: { querystring: Type.Object({ month: Type.Optional(month) }) } },
    async ({ query }) => {
      const { findings, scorer } = parts
      if (!scorer) return { looks: false, weeks: [] }
      const asked = { month: query.month ?? (await newestMonth(findings)) }
      return { looks: true, weeks: await monthDrift({ findings, scorer }, asked) }
    },
  )
  server.get("/api/trend", { schema: { querystring: TrendQuery } }, async ({ query }) => ({
    points: await parts.findings.trend(query.of, query.interval ?? "month", query.by ?? "none", {}),
  }))
  server.get("/api/artefact-trend", { schema: { querystring: ArtefactQuery } }, async ({ query }) => {
    const points = await artefactTrend(parts.findings, query.id, query.interval ?? "month", {})
    if (points === undefined) throw new WatchlineError("not_found", { message: `No artefact has the id ${query.id}.` })
    return { points }
  })
  server.get("/api/months", async () => ({ months: await months(parts.findings) }))

  try {
    const url = await server.listen({ host: "127.0.0.1", port: parts.port })
    return { url: `${url}/`, close: () => server.close() }
  } catch (cause) {
    throw new WatchlineError("usage", {
      message: `Port ${parts.port} of 127.0.0.1 is taken.`,
      remedy: "Choose another with --port, or --port 0 for any free one.",
      cause,
    })
  }
}

/** The page's own files, read once; TypeScript becomes JavaScript by leaving its types out. */
async function servePage(server: FastifyInstance): Promise<void> {
  const web = (name: string) => readFile(new URL(`../web/${name}`, import.meta.url), "utf8")
  const echarts = createRequire(import.meta.url).resolve("echarts/dist/echarts.esm.min.mjs")
  const files = {
    "/": { type: "text/html; charset=utf-8", body: await web("index.html") },
    "/style.css": { type: "text/css; charset=utf-8", body: await web("style.css") },
    "/page.js": { type: "text/javascript; charset=utf-8", body: stripTypeScriptTypes(await web("page.ts")) },
    "/echarts.js": { type: "text/javascript; charset=utf-8", body: await readFile(echarts, "utf8") },
  }
  for (const [path, { type, body }] of Object.entries(files)) {
    server.get(path, (_request, reply) => reply.type(type).send(body))
  }
}

async function months(findings: Findings): Promise<string[]> {
  return (await findings.trend("posts", "month", "none", {})).map((p) => p.bucket)
}

async function newestMonth(findings: Findings): Promise<string> {
  return (await months(findings)).at(-1) ?? new Date().toISOString().slice(0, 7)
}
