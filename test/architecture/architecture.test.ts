import assert from "node:assert/strict"
import { test } from "node:test"
import { importsOf, sourceFiles } from "./source-imports.ts"

const files = sourceFiles()
const imports = files.flatMap(importsOf)

/** What a room may import of ours, and why nothing else. The first room that a file's path starts with is its own. */
const rooms: readonly { room: string; may: readonly string[]; because: string }[] = [
  {
    room: "src/model/",
    may: ["src/model/"],
    because: "records cross every boundary, so they may depend on nothing that has one",
  },
  { room: "src/errors.ts", may: [], because: "the catalogue of errors lies below everything" },
  { room: "src/log.ts", may: [], because: "logging lies below everything" },
  { room: "src/config.ts", may: ["src/errors.ts"], because: "configuration is read before anything else exists" },
  {
    room: "src/ports/",
    may: ["src/model/", "src/ports/", "src/errors.ts"],
    because: "a port speaks of records only, never of who implements it",
  },
  { room: "src/kernels/", may: [], because: "a build step reads sources; nothing of ours runs in it" },
  {
    room: "src/matching/",
    may: ["src/matching/", "src/model/", "src/errors.ts"],
    because: "matching is arithmetic; adapters and stages share it",
  },
  {
    room: "src/sealing/",
    may: ["src/sealing/", "src/model/", "src/ports/", "src/errors.ts"],
    because: "keys must not be within reach of vendors or commands",
  },
  {
    room: "src/pipeline/",
    may: ["src/pipeline/", "src/model/", "src/ports/", "src/errors.ts", "src/log.ts"],
    because: "the runner knows no stage, no vendor",
  },
  {
    room: "src/stages/",
    may: ["src/stages/", "src/pipeline/", "src/matching/", "src/model/", "src/ports/", "src/errors.ts", "src/log.ts"],
    because: "a stage runs on any engine, so it sees ports only",
  },
  {
    room: "src/known/",
    may: ["src/known/", "src/model/", "src/errors.ts"],
    because: "a file format is a pure reading of bytes",
  },
  {
    room: "src/delist/",
    may: ["src/delist/", "src/model/", "src/ports/", "src/errors.ts"],
    because: "what is listed must follow from decisions alone",
  },
  {
    room: "src/trends/",
    may: ["src/trends/", "src/delist/", "src/model/", "src/ports/", "src/errors.ts"],
    because: "a trend is a question to the findings port, whatever engine answers",
  },
  {
    room: "src/adapters/sqlite/",
    may: ["src/adapters/sqlite/", "src/matching/", "src/model/", "src/ports/", "src/errors.ts", "src/log.ts"],
    because: "an adapter implements ports and knows no other adapter",
  },
  {
    room: "src/adapters/kafka/",
    may: ["src/adapters/kafka/", "src/model/", "src/ports/", "src/errors.ts", "src/log.ts"],
    because: "an adapter implements ports and knows no other adapter",
  },
  {
    room: "src/adapters/elastic/",
    may: ["src/adapters/elastic/", "src/matching/", "src/model/", "src/ports/", "src/errors.ts", "src/log.ts"],
    because: "an adapter implements ports and knows no other adapter",
  },
  {
    room: "src/adapters/opentelemetry/",
    may: ["src/adapters/opentelemetry/", "src/ports/", "src/errors.ts"],
    because: "an adapter implements ports and knows no other adapter",
  },
  {
    room: "src/operations/",
    may: ["src/operations/", "src/pipeline/", "src/ports/", "src/errors.ts", "src/log.ts"],
    because: "what supervisors and Prometheus are told must not depend on who stores it",
  },
  {
    room: "src/dashboard/",
    may: ["src/dashboard/", "src/trends/", "src/delist/", "src/model/", "src/ports/", "src/errors.ts", "src/log.ts"],
    because: "the dashboard reads through ports; it must run on any engine",
  },
  {
    room: "src/demo/",
    may: ["src/demo/", "crawlers/tor/", "src/errors.ts", "src/model/"],
    because: "the demo world is the outside world: it must not know how it is watched",
  },
  {
    room: "src/services/",
    may: ["src/services/", "src/errors.ts"],
    because: "servers of this machine are for trying and testing; the product must not know that it started them",
  },
  { room: "src/system.ts", may: ["src/", "crawlers/", "classifiers/"], because: "" },
  {
    room: "src/wiring/",
    may: [
      "src/wiring/",
      "src/model/",
      "src/ports/",
      "src/sealing/",
      "src/errors.ts",
      "src/log.ts",
      "src/config.ts",
      "crawlers/",
    ],
    because: "acts that join the crawler with stores go through ports; the stores themselves are system.ts's choice",
  },
  { room: "src/cli/", may: ["src/", "crawlers/", "classifiers/"], because: "" },
  {
    room: "crawlers/",
    may: ["crawlers/", "src/model/", "src/ports/", "src/errors.ts", "src/log.ts"],
    because: "the crawler must be reviewable alone: nothing else may open a socket on its behalf",
  },
  {
    room: "classifiers/",
    may: ["classifiers/", "src/model/", "src/ports/", "src/errors.ts", "src/log.ts"],
    because: "a classifier sees bytes and text, never the network or a store",
  },
]

const roomOf = (file: string) => rooms.find(({ room }) => file.startsWith(room))

test("every source file lies in a room", () => {
  assert.deepEqual(
    files.filter((file) => !roomOf(file)),
    [],
    "a file outside the rooms has no rules: put it into one, or name a new one with its reason",
  )
})

test("imports point downward", () => {
  const wrong = imports
    .filter(({ isPackage }) => !isPackage)
    .filter(({ from, to }) => !roomOf(from)?.may.some((allowed) => to.startsWith(allowed)))
    .map(({ from, to }) => `${from} imports ${to}, but ${roomOf(from)?.because}`)
  assert.deepEqual(wrong, [])
})

test("only commands import the wiring", () => {
  const wrong = imports
    .filter(({ from, to }) => to === "src/system.ts" && !from.startsWith("src/cli/"))
    .map(({ from }) => from)
  assert.deepEqual(wrong, [], "whoever imports system.ts knows every vendor at once; ask for a port instead")
})

test("only the wiring imports its parts", () => {
  const wrong = imports
    .filter(
      ({ from, to }) => to.startsWith("src/wiring/") && from !== "src/system.ts" && !from.startsWith("src/wiring/"),
    )
    .map(({ from }) => from)
  assert.deepEqual(wrong, [], "ask the system for it")
})

test("nothing imports what is declared or started in infra", () => {
  assert.deepEqual(
    imports.filter(({ to }) => to.startsWith("infra/")),
    [],
    "infra is for operators; the program must run without it",
  )
})

/** Vendor packages and the folders that may import them; everything else is bound to one folder. */
const homes: Readonly<Record<string, readonly string[]>> = {
  typebox: ["src/model", "src/config.ts", "src/ports", "src/dashboard/server", "src/adapters/elastic"], // the schema library is the language of records
  sharp: ["classifiers/image", "src/demo"], // one decodes, the other makes the demo's pictures
  tldts: ["src/delist", "classifiers/links", "crawlers/forums"], // a table of public suffixes, no engine
  "socks-proxy-agent": ["crawlers/fetch"],
  fastify: ["src/dashboard/server"],
  cheerio: ["crawlers/forums"],
  piscina: ["classifiers/image"],
  pino: ["src/log.ts"],
  commander: ["src/cli"],
  htmlparser2: ["crawlers/forums", "src/known"], // a tokeniser: pages there, a hash exchange's XML here
  "fastest-levenshtein": ["src", "crawlers/forums"], // one pure function
  "node:sqlite": ["src/adapters/sqlite"],
  kafkajs: ["src/adapters/kafka"],
}

test("each vendor package has one home", () => {
  const used = Map.groupBy(
    imports.filter(({ isPackage, to }) => isPackage && (!to.startsWith("node:") || to in homes) && !to.startsWith("/")),
    ({ to }) => to,
  )
  const wrong: string[] = []
  for (const [name, uses] of used) {
    const folders = [
      ...new Set(
        uses.map(({ from }) =>
          from
            .split("/")
            .slice(0, from.startsWith("src/adapters") ? 3 : 2)
            .join("/"),
        ),
      ),
    ]
    const declared = homes[name]
    if (declared) {
      for (const { from } of uses)
        if (!declared.some((home) => from.startsWith(home)))
          wrong.push(`${from} imports ${name}, whose home is ${declared.join(" or ")}`)
    } else if (folders.length > 1) {
      wrong.push(
        `${name} is imported from ${folders.join(" and ")}: a vendor that may be exchanged must be known in one place`,
      )
    }
  }
  assert.deepEqual(wrong, [])
})

test("imports never loop", () => {
  const graph = Map.groupBy(
    imports.filter(({ isPackage }) => !isPackage),
    ({ from }) => from,
  )
  const done = new Set<string>()
  const path: string[] = []
  const loops: string[] = []
  const walk = (file: string): void => {
    if (path.includes(file)) {
      loops.push([...path.slice(path.indexOf(file)), file].join(" -> "))
      return
    }
    if (done.has(file)) return
    path.push(file)
    for (const { to } of graph.get(file) ?? []) walk(to)
    path.pop()
    done.add(file)
  }
  for (const file of files) walk(file)
  assert.deepEqual(loops, [], "files that need each other are one file, or lack a third that both need")
})

test("no file hides behind a name that says nothing", () => {
  const empty = /(^|\/)(utils?|helpers?|common|manager|misc|types|index)\.ts$/
  assert.deepEqual(
    files.filter((file) => empty.test(file)),
    [],
    "name a file after what it exports",
  )
})
