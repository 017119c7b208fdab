// Reads files with exifreader as its README shows it, all tags expanded. Files come as a JSON list on standard input; each line that goes
// out has what was said of one file and how long the reading took from memory.
import { readFileSync } from "node:fs"
import ExifReader from "exifreader"

const passes = Number(process.argv[2] ?? 1)
for (const file of JSON.parse(readFileSync(0, "utf8"))) {
  const bytes = readFileSync(file)
  let tags = {}
  const times = []
  for (let pass = 0; pass < passes; pass++) {
    const started = performance.now()
    try {
      tags = ExifReader.load(bytes, { expanded: true, includeUnknown: true })
    } catch (error) {
      tags = { error: error.message }
    }
    times.push(performance.now() - started)
  }
  const text = JSON.stringify(tags, (key, value) =>
    key === "image" || key === "base64" || value instanceof ArrayBuffer || ArrayBuffer.isView(value)
      ? undefined
      : textOf(value),
  )
  process.stdout.write(`${JSON.stringify({ file, ms: Math.min(...times), text: text.slice(0, 2_000_000) })}\n`)
}

/** Bytes as the letters that they are: exifreader gives some texts as lists of numbers. */
function textOf(value) {
  const isText =
    Array.isArray(value) && value.length > 8 && value.every((one) => Number.isInteger(one) && one >= 0 && one < 256)
  return isText ? String.fromCharCode(...value.filter((one) => one > 0).slice(0, 100_000)) : value
}
