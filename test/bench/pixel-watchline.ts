// One part of `bench pixel`, in a process of its own: decoding alone, the examiner without models, with the one that comes along, or
// with two networks.
// argv: JSON {files, part, warm}. Says "ready", waits for a line, then answers with one JSON line.
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { decode } from "../../classifiers/image/decode.ts"
import { examine } from "../../classifiers/image/examine.ts"
import { defaultDecodeLimits } from "../../classifiers/image/examiner-limits.ts"
import { defaultPixelModel } from "../../classifiers/image/pixel/default-model.ts"
import { openPixelModels } from "../../classifiers/image/pixel/open-model.ts"

const { files, part, warm } = JSON.parse(process.argv[2]!) as {
  files: string[]
  part: "decode" | "examine" | "pixel" | "two"
  warm: number
}
const networks = { decode: 0, examine: 0, pixel: 1, two: 2 }[part]
const models = await openPixelModels(Array.from({ length: networks }, () => defaultPixelModel))

async function take(file: string): Promise<void> {
  const bytes = new Uint8Array(await readFile(file))
  if (part === "decode") await decode(bytes, readMetadata(bytes), defaultDecodeLimits)
  else {
    const { pixels } = await examine(bytes, defaultDecodeLimits, undefined, models)
    if (networks !== (pixels ?? []).filter(({ descriptor }) => descriptor).length)
      throw new Error(`${file} has no descriptor`)
  }
}

for (const file of files.slice(0, warm)) await take(file)
process.stdout.write("ready\n")
await once(process.stdin, "data")
const began = performance.now()
const before = process.cpuUsage()
for (const file of files) await take(file)
const seconds = (performance.now() - began) / 1000
const { user, system } = process.cpuUsage(before)
const peakMb = process.resourceUsage().maxRSS / 1024
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakMb })}\n`)
process.stdin.destroy()
