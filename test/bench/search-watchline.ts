// A contender: Watchline's index over the hashes of a file. Lines of JSON on standard input and output.
import { createHash } from "node:crypto"
import { closeSync, openSync, readFileSync, readSync } from "node:fs"
import { createInterface } from "node:readline"
import { matchRadius, type Neighbour, PdqIndex } from "../../src/matching/pdq-index.ts"

const task = JSON.parse(process.argv[2]!) as { hashes: string; needles: string }

const leastSeconds = 2

function* entries(path: string) {
  const file = openSync(path, "r")
  const chunk = Buffer.alloc(32 * 4096)
  let key = 0
  for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
    for (let at = 0; at < length; at += 32) yield { key: key++, pdq: chunk.toString("hex", at, at + 32) }
  }
  closeSync(file)
}

const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)
const needles = readFileSync(task.needles)
const before = process.memoryUsage().rss
const started = performance.now()
const index = new PdqIndex()
index.addAll(entries(task.hashes))
say({ buildSeconds: (performance.now() - started) / 1000, bytes: process.memoryUsage().rss - before })

for await (const line of createInterface(process.stdin)) {
  const wanted = JSON.parse(line) as { needles: number }
  const some = Array.from({ length: wanted.needles }, (_, n) => needles.toString("hex", n * 32, n * 32 + 32))
  const from = performance.now()
  let answers: Neighbour[][] = []
  let rounds = 0
  // As often as it takes to see more than the clock's and the compiler's moods.
  for (; rounds === 0 || performance.now() - from < 1000 * leastSeconds; rounds++) {
    answers = some.map((pdq) => index.within(pdq, matchRadius))
  }
  const seconds = (performance.now() - from) / 1000 / rounds
  const digest = createHash("sha256")
  let matches = 0
  for (const found of answers) {
    matches += found.length
    digest.update(`${found.map(({ key, distance }) => `${key} ${distance};`).join("")}\n`)
  }
  say({ seconds, matches, answers: digest.digest("hex") })
}
