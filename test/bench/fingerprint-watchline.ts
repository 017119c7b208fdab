// Watchline's part in `bench fingerprint`: the examiner with one worker, as a crawl uses it.
// argv: JSON {files, warm}. Says "ready", waits for a line, then answers with one JSON line.
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"

const { files, warm } = JSON.parse(process.argv[2]!) as { files: string[]; warm: number }
// The reference takes an animation's first frame alone.
const pool = openExaminerPool({ workers: 1, limits: { maxFrames: 0 } })

async function fingerprint(file: string) {
  const { pdq, pdqQuality, error } = await pool.examine(new Uint8Array(await readFile(file)))
  return pdq === undefined ? { file, error } : { file, pdq, quality: pdqQuality }
}

/** One is read while another is examined. */
async function all(wanted: readonly string[]) {
  const waiting = wanted.entries()
  const rows: unknown[] = []
  const hand = async () => {
    for (const [place, file] of waiting) rows[place] = await fingerprint(file)
  }
  await Promise.all([hand(), hand()])
  return rows
}

await all(files.slice(0, warm))
process.stdout.write("ready\n")
await once(process.stdin, "data")
const began = performance.now()
const before = process.cpuUsage()
const rows = await all(files)
const seconds = (performance.now() - began) / 1000
const { user, system } = process.cpuUsage(before)
const peakMb = process.resourceUsage().maxRSS / 1024
await pool.close()
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakMb, rows })}\n`)
process.stdin.destroy()
