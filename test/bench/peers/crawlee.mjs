// The peer: Crawlee's CheerioCrawler at the same job; pictures are fetched and hashed inside the page handler, which is its best form.
// argv: one JSON object {url, socks: {host, port}, circuits, pages, storage?, keepAlive?}. Answers with one JSON line.
// Without a folder for storage its results are in memory alone.
import { createHash, randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { CheerioCrawler, Configuration, Dataset, log } from "@crawlee/cheerio"
import { SocksProxyAgent } from "socks-proxy-agent"

const { url: start, socks, circuits, pages, storage, keepAlive = false } = JSON.parse(process.argv[2])
log.setLevel(log.LEVELS.ERROR)
// got-scraping refuses proxyUrl with socks://, so agents of our own lead to Tor; they can keep connections, which its own never does.
const run = randomBytes(8).toString("hex")
const agents = Array.from(
  { length: circuits },
  (_, circuit) => new SocksProxyAgent(`socks5h://${run}${circuit}:x@${socks.host}:${socks.port}`, { keepAlive }),
)
let turn = 0
const nextAgent = () => {
  const agent = agents[turn++ % agents.length]
  return { http: agent, https: agent }
}
const configuration = new Configuration({
  persistStorage: storage !== undefined,
  purgeOnStart: true,
  availableMemoryRatio: 0.9,
  ...(storage === undefined ? {} : { storageClientOptions: { localDataDirectory: storage } }),
})
const host = new URL(start).host

function address(href, base) {
  const url = href === undefined ? undefined : URL.parse(href, base)
  if (!url || url.host !== host) return undefined
  url.searchParams.delete("sid")
  url.hash = ""
  return url
}

/** Boards and threads with their further pages; no single posts, members' pages, or ways of sorting. */
function isPage(url) {
  const { pathname, searchParams: query } = url
  if (pathname === "/viewforum.php") return query.has("f")
  return pathname === "/viewtopic.php" && query.has("t") && !query.has("p") && !query.has("view")
}

function readPost($, element, base) {
  const post = $(element)
  const content = post.find(".content").first()
  const body = content.clone()
  body.find("blockquote, .attachbox, .file, .thumbnail").remove()
  const shown = content.add(post.find(".attachbox"))
  const images = new Set()
  for (const picture of shown.find("img.postimage").toArray()) {
    const box = $(picture)
    if (box.closest("blockquote").length > 0) continue
    const url = address(box.closest(".thumbnail").find("a").attr("href") ?? box.attr("src"), base)
    if (url?.searchParams.has("id")) images.add(`${url.origin}/download/file.php?id=${url.searchParams.get("id")}`)
  }
  return {
    postId: element.attribs.id.slice(1),
    author: post.find("dl.postprofile a.username").first().text(),
    postedAt: post.find("p.author time").attr("datetime"),
    text: body.text().replace(/\s+/g, " ").trim(),
    links: body
      .find("a[href]")
      .toArray()
      .map((link) => link.attribs.href),
    images: [...images],
  }
}

let visited = 0
let pictures = 0
let failed = 0
const known = new Map()
const crawler = new CheerioCrawler(
  {
    minConcurrency: pages,
    maxConcurrency: pages,
    useSessionPool: false,
    maxRequestRetries: 5,
    requestHandlerTimeoutSecs: 300,
    navigationTimeoutSecs: 120,
    preNavigationHooks: [
      (_, options) => {
        options.agent = nextAgent()
      },
    ],
    failedRequestHandler: () => {
      failed += 1
    },
    async requestHandler({ $, request, sendRequest, pushData, addRequests }) {
      const base = request.loadedUrl
      const posts = $("div.post[id^=p]")
        .toArray()
        .map((element) => readPost($, element, base))
      const links = new Set()
      for (const link of $("a[href]").toArray()) {
        if ($(link).closest("blockquote, .content, .signature").length > 0) continue
        const url = address(link.attribs.href, base)
        if (url && isPage(url)) links.add(url.href)
      }
      const fetched = new Map()
      await Promise.all(
        [...new Set(posts.flatMap(({ images }) => images))].map(async (url) => {
          for (let attempt = 1; ; attempt++) {
            try {
              const seen = known.get(url)
              if (!seen) {
                const { body, statusCode } = await sendRequest({ url, responseType: "buffer", agent: nextAgent() })
                if (statusCode !== 200) throw new Error(`answer ${statusCode}`)
                known.set(url, createHash("sha256").update(body).digest("hex"))
                pictures += 1
              }
              fetched.set(url, known.get(url))
              return
            } catch (error) {
              if (attempt === 3) throw error
            }
          }
        }),
      )
      if (posts.length > 0) {
        await pushData(
          posts.map((post) => ({ ...post, images: post.images.map((url) => ({ url, sha256: fetched.get(url) })) })),
        )
      }
      await addRequests([...links])
      visited += 1
    },
  },
  configuration,
)

const began = performance.now()
const [before, mainBefore] = [process.cpuUsage(), process.threadCpuUsage()]
await crawler.run([start])
const seconds = (performance.now() - began) / 1000
const [used, mainUsed] = [process.cpuUsage(before), process.threadCpuUsage(mainBefore)]
const peak = /VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))
const { items } = await (await Dataset.open(undefined, { config: configuration })).getData()
process.stdout.write(
  `${JSON.stringify({
    seconds,
    cpuSeconds: (used.user + used.system) / 1e6,
    mainThreadCpuSeconds: (mainUsed.user + mainUsed.system) / 1e6,
    peakMb: Number(peak?.[1] ?? process.resourceUsage().maxRSS) / 1024,
    pages: visited,
    pictures,
    failed,
    posts: items.length,
    contents: digest(items.map(({ postId, images }) => `${postId} ${images.map(({ sha256 }) => sha256).sort()}`)),
  })}\n`,
)
process.exit(0)

/** Of every post with its pictures, whatever their order. */
function digest(lines) {
  return createHash("sha256")
    .update([...new Set(lines)].sort().join("\n"))
    .digest("hex")
}
