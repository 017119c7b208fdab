import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import Type from "typebox"
import Value from "typebox/value"
import { examine } from "../../classifiers/image/examine.ts"
import { examineFile } from "../../classifiers/image/examine-file.ts"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"
import { describeError } from "../../src/errors.ts"
import { type Examination, examinationShape } from "../../src/model/fingerprint.ts"
import { blackPng, jpeg, png, pngText } from "../support/image-bytes.ts"

const schema = Type.Object(examinationShape, { additionalProperties: false })
const failingWorker = new URL("../support/failing-examiner-worker.ts", import.meta.url)

function bytesOf(content: Uint8Array | string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(content as Uint8Array))
}

async function examined(content: Uint8Array | string): Promise<Examination> {
  const result = await examine(bytesOf(content))
  assert.ok(Value.Check(schema, result), JSON.stringify(result))
  return result
}

test("an image gives digests, true type, size, PDQ and signals", async () => {
  const line = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42"
  const { bytes, sha256, sha1, md5, pdqSiblings, ...rest } = await examined(
    png({
      width: 64,
      height: 48,
      before: [pngText("parameters", `a gnome\n${line}`)],
      pixel: (x, y) => [x * 4, y * 5, (x * y) & 255],
    }),
  )
  assert.ok(bytes > 100)
  assert.deepEqual([sha256.length, sha1.length, md5.length], [64, 40, 32])
  assert.match(rest.pdq!, /^[0-9a-f]{64}$/)
  assert.ok(rest.pdqQuality! >= 50)
  assert.equal(new Set(pdqSiblings).size, 7)
  assert.deepEqual(
    { ...rest, pdq: "", pdqQuality: 0 },
    {
      format: "png",
      width: 64,
      height: 48,
      pdq: "",
      pdqQuality: 0,
      pdqPipeline: "full",
      signals: [
        {
          family: "automatic1111",
          strength: "strong",
          carrier: "png:tEXt:parameters",
          generator: "automatic1111",
          prompt: { length: 7 },
        },
      ],
      facts: [],
      examiner: "image@4",
    },
  )
})

test("the digests are those of the file", async () => {
  const { sha256, sha1, md5, bytes } = await examined("abc")
  assert.equal(bytes, 3)
  assert.equal(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  assert.equal(sha1, "a9993e364706816aba3e25717850c26c9cd0d89d")
  assert.equal(md5, "900150983cd24fb0d6963f7d28e17f72")
})

const whole = png({ width: 80, height: 60 })
const noise = Buffer.from(Array.from({ length: 50_000 }, (_, at) => (Math.imul(at, 2654435761) >>> 24) & 255))
const changed = Buffer.from(whole)
changed.fill(0x55, 60, 120)
const unreadable: Record<string, [Uint8Array | string, string, string]> = {
  "no bytes": ["", "unknown", "image_not_image"],
  "one byte": ["\x89", "unknown", "image_not_image"],
  text: ["a page instead of a picture", "unknown", "image_not_image"],
  noise: [noise, "unknown", "image_not_image"],
  "a drawing that would be rendered": [
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://x/"/></svg>',
    "svg",
    "image_undecodable",
  ],
  "a cut PNG": [whole.subarray(0, 200), "png", "image_truncated"],
  "a PNG's signature alone": [whole.subarray(0, 8), "png", "image_truncated"],
  "a PNG with damaged data": [changed, "png", "image_undecodable"],
  "a JPEG of headers without a picture": [jpeg([]), "jpeg", "image_undecodable"],
  "a GIF's header before a PNG": [Buffer.concat([Buffer.from("GIF89a"), whole]), "gif", "image_too_large"],
  "a JPEG's marker before noise": [Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), noise]), "jpeg", "image_truncated"],
  "a TIFF's magic before a drawing": [
    Buffer.concat([Buffer.from("II*\0"), Buffer.from("<svg/>")]),
    "tiff",
    "image_undecodable",
  ],
  "a PDF behind a PNG's signature": [
    Buffer.concat([whole.subarray(0, 8), Buffer.from("%PDF-1.7\n")]),
    "png",
    "image_truncated",
  ],
}
for (const [name, [content, format, error]] of Object.entries(unreadable)) {
  test(`${name}: digests, the type ${format} and ${error}`, async () => {
    const result = await examined(content)
    assert.deepEqual([result.format, result.error, result.pdq], [format, error, undefined])
    assert.equal(result.bytes, Buffer.from(content as Uint8Array).length)
  })
}

test("a PNG with an archive behind it is hashed, and the bytes after its end are a fact", async () => {
  const result = await examined(Buffer.concat([whole, Buffer.from("PK\x03\x04"), noise]))
  assert.deepEqual([result.format, result.error, result.facts], ["png", undefined, ["trailing-bytes"]])
  assert.equal(result.pdq, (await examined(whole)).pdq)
})

test("a valid PNG of 30,000 × 30,000 pixels is refused by its header, in bounded memory", async () => {
  const bomb = blackPng(30_000, 30_000)
  assert.ok(bomb.length < 2 << 20)
  const before = process.memoryUsage().rss
  const result = await examined(bomb)
  assert.deepEqual([result.error, result.width, result.height], ["image_too_large", 30_000, 30_000])
  assert.ok(process.memoryUsage().rss - before < 100 << 20)
})

test("a picture that small is within the limit and really decoded", async () => {
  const result = await examined(blackPng(300, 200))
  assert.deepEqual([result.error, result.width, result.height, result.pdqQuality], [undefined, 300, 200, 0])
})

test("no byte of an image is left in the caller's memory", async () => {
  for (const content of [whole, whole.subarray(0, 200), Buffer.from("no picture")]) {
    const larger = new ArrayBuffer(content.length + 10)
    const bytes = new Uint8Array(larger, 5, content.length)
    bytes.set(content)
    await examine(bytes)
    assert.ok(new Uint8Array(larger).every((byte) => byte === 0))
  }
})

test("images examined in workers give what they give without, and are moved there", async (t) => {
  const pool = openPool(t)
  const contents = [whole, whole.subarray(0, 200), Buffer.from("text"), png({ width: 30, height: 90 })]
  const expected = await Promise.all(contents.map(examined))
  const own = contents.map(bytesOf)
  assert.deepEqual(await Promise.all(own.map((bytes) => pool.examine(bytes))), expected)
  assert.ok(own.every((bytes) => bytes.length === 0))
})

test("a part of a larger buffer is examined and overwritten without moving the rest", async (t) => {
  const larger = new Uint8Array(whole.length + 10).fill(7)
  larger.set(whole, 5)
  const result = await openPool(t).examine(larger.subarray(5, 5 + whole.length))
  assert.equal(result.sha256, (await examined(whole)).sha256)
  assert.deepEqual([...new Set(larger)], [7, 0])
})

for (const [how, code] of [
  ["HANG!", "examiner_timeout"],
  ["EXIT!", "examiner_crashed"],
  ["HEAP!", "examiner_crashed"],
] as const) {
  test(`a worker that fails by ${how} costs its image alone: ${code}, and the next ones are fine`, async (t) => {
    const pool = openExaminerPool({
      workers: 1,
      timeoutMs: how === "HANG!" ? 2_500 : 60_000,
      maxOldSpaceMb: 32,
      worker: failingWorker,
    })
    t.after(() => pool.close())
    const failing = pool.examine(bytesOf(how))
    const next = [pool.examine(bytesOf(whole)), pool.examine(bytesOf("text"))]
    await assert.rejects(failing, (error) => describeError(error).code === code)
    const [image, text] = await Promise.all(next)
    assert.equal(image!.pdq, (await examined(whole)).pdq)
    assert.equal(text!.error, "image_not_image")
  })
}

test("closing the pool waits for what is being examined", async () => {
  const pool = openExaminerPool({ workers: 1 })
  const results = [pool.examine(bytesOf(whole)), pool.examine(bytesOf("text"))]
  await pool.close()
  assert.deepEqual(
    (await Promise.all(results)).map(({ format }) => format),
    ["png", "unknown"],
  )
})

test("a local file's row says what DESIGN promises, and a file that brings down its worker keeps its digests", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "watchline-examine-"))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, "wrong-name.jpg")
  await writeFile(file, whole)
  const row = await examineFile(file, openPool(t))
  assert.deepEqual(Object.keys(row), [
    "file",
    "bytes",
    "sha256",
    "sha1",
    "md5",
    "format",
    "width",
    "height",
    "pdq",
    "pdqQuality",
    "pdqPipeline",
    "pdqSiblings",
    "signals",
    "facts",
  ])
  assert.deepEqual([row.file, row.format, row.bytes], [file, "png", whole.length])

  const failing = join(folder, "failing")
  await writeFile(failing, "EXIT!")
  const pool = openExaminerPool({ workers: 1, worker: failingWorker })
  t.after(() => pool.close())
  const failed = await examineFile(failing, pool)
  assert.deepEqual([failed.error, failed.sha256], ["examiner_crashed", (await examined("EXIT!")).sha256])

  const refuses = async (path: string, code: string, limit?: number) =>
    assert.rejects(examineFile(path, pool, limit), (error) => describeError(error).code === code)
  await refuses(join(folder, "missing"), "not_found")
  await refuses(folder, "input_invalid")
  await refuses(file, "body_too_large", 100)
})

function openPool(t: TestContext) {
  const pool = openExaminerPool({ workers: 2 })
  t.after(() => pool.close())
  return pool
}
