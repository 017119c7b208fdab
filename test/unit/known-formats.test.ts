import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { WatchlineError } from "../../src/errors.ts"
import { knownFormats, readKnownFile } from "../../src/known/formats.ts"
import type { KnownLine } from "../../src/known/known-entry.ts"
import type { HashAlgorithm } from "../../src/model/known-hash.ts"
import { KnownHash, knownHashId } from "../../src/model/known-hash.ts"

const digest = (algorithm: string, gnome: string) => createHash(algorithm).update(gnome).digest("hex")
const md5 = digest("md5", "gnome")
const sha1 = digest("sha1", "gnome")
const sha256 = digest("sha256", "gnome")
const pdq = digest("sha256", "a perceptual hash has the same form")
/** 144 bytes. */
const photodna = Buffer.from(sha256.repeat(5), "hex").subarray(0, 144).toString("base64")

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

async function read(
  format: string,
  text: string | Uint8Array,
  algorithm?: HashAlgorithm,
  size = 7,
): Promise<KnownLine[]> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text
  const lines: KnownLine[] = []
  for await (const line of readKnownFile(format, inPieces(bytes, size), algorithm ? { algorithm } : {}))
    lines.push(line)
  return lines
}

const short = (lines: readonly KnownLine[]) =>
  lines.map((one) => {
    if ("hash" in one) return `${one.line} ${one.hash.algorithm} ${one.hash.category ?? "-"}`
    if ("problem" in one) return `${one.line} problem`
    return `${one.line} gone ${"algorithm" in one.gone ? one.gone.algorithm : one.gone.reference}`
  })

test("the names of the formats are known before a file is opened", () => {
  assert.deepEqual(knownFormats, ["csv", "jsonl", "ncmec", "pytx", "stopncii", "vics"])
})

test("an unknown format is refused with the names of the known ones", () => {
  assert.throws(
    () => readKnownFile("xlsx", inPieces(new Uint8Array(), 1)),
    (error) => error instanceof WatchlineError && error.code === "usage" && error.remedy!.includes("vics"),
  )
})

test("csv: columns algorithm, value and category, in any order and case, become hashes", async () => {
  const lines = await read(
    "csv",
    `Category,Value,Algorithm\r\nA,${md5.toUpperCase()},MD5\r\n,${pdq},pdq\r\nB,0x${sha256},SHA-256\r\n`,
  )
  assert.deepEqual(lines, [
    { line: 2, hash: { algorithm: "md5", value: md5, category: "A" } },
    { line: 3, hash: { algorithm: "pdq", value: pdq } },
    { line: 4, hash: { algorithm: "sha256", value: sha256, category: "B" } },
  ])
})

test("csv: a column for each algorithm gives several hashes a line", async () => {
  const lines = await read(
    "csv",
    `MD5;SHA1;PhotoDNA;Image ID;Is distributed\n${md5};${sha1};${photodna};1;false\n${md5};;AAAA;2;true\n;;;3;\n`,
  )
  assert.deepEqual(short(lines), ["2 md5 -", "2 sha1 -", "2 photodna -", "3 md5 -", "3 problem", "4 problem"])
  assert.ok("hash" in lines[2]! && lines[2].hash.value === Buffer.from(photodna, "base64").toString("hex"))
})

test("csv: bare hashes are known by their length, but 64 digits need a word", async () => {
  const text = `# our set\n${md5}\n${sha1}\n${sha256}\n`
  assert.deepEqual(short(await read("csv", text)), ["2 md5 -", "3 sha1 -", "4 problem"])
  assert.deepEqual(short(await read("csv", `${pdq}\n`, "pdq")), ["1 pdq -"])
  assert.deepEqual(short(await read("csv", `${sha256}\n`, "sha256")), ["1 sha256 -"])
})

test("csv: without a header, algorithm and value may stand side by side", async () => {
  assert.deepEqual(short(await read("csv", `md5,${md5},x\nPDQ,${pdq}\n`)), ["1 md5 x", "2 pdq -"])
})

test("a rejected line is reported with its number and a reason that does not repeat the value, and the rest goes on", async () => {
  const bad = [
    `md5,${md5.slice(1)}`,
    `md5,${md5.replace(/^./, "z")}`,
    `pdq,${"0".repeat(64)}`,
    "md5,d41d8cd98f00b204e9800998ecf8427e",
    `photodna,${sha256}`,
    `"md5,${md5}`,
    "md5",
    `md5,${md5},${"c".repeat(101)}`,
    `md5,${md5},${"c".repeat(70_000)}`,
  ]
  const lines = await read(
    "csv",
    `algorithm,value,category\n${bad.join("\n")}\nmd5,"${md5}","a ""b"", c"\n`,
    undefined,
    1000,
  )
  assert.equal(lines.length, bad.length + 1)
  for (const [index, line] of lines.slice(0, -1).entries()) {
    assert.equal(line.line, index + 2)
    assert.ok("problem" in line && line.problem.length > 5, `line ${index + 2}`)
    assert.ok(!line.problem.includes(md5.slice(1, 9)) && !line.problem.includes("d41d8"))
  }
  assert.deepEqual(lines.at(-1), { line: bad.length + 2, hash: { algorithm: "md5", value: md5, category: 'a "b", c' } })
})

test("files with a byte-order mark, in UTF-16, with old line ends, or without a last line end are read", async () => {
  const text = `value\n${md5}\n${sha1}`
  const forms = [
    `\ufeff${text}`,
    text.replaceAll("\n", "\r\n"),
    text.replaceAll("\n", "\r"),
    Buffer.from(`\ufeff${text}`, "utf16le"),
  ]
  for (const form of forms) {
    for (const size of [1, 3, 1000])
      assert.deepEqual(short(await read("csv", form, undefined, size)), ["2 md5 -", "3 sha1 -"])
  }
})

test("an empty file holds no hashes and no problems, in every format that is made of lines", async () => {
  for (const format of ["csv", "jsonl", "pytx"]) assert.deepEqual(await read(format, ""), [])
})

test("jsonl: algorithm and value, or a field for each algorithm", async () => {
  const text = [
    JSON.stringify({ algorithm: "pdq", value: pdq, category: 3 }),
    JSON.stringify({ md5, sha1, name: "gnome" }),
    "{broken",
    JSON.stringify([md5]),
    JSON.stringify({ value: md5 }),
    JSON.stringify({ value: sha256 }),
    JSON.stringify({ gnome: 1 }),
  ].join("\n")
  assert.deepEqual(short(await read("jsonl", text)), [
    "1 pdq 3",
    "2 md5 -",
    "2 sha1 -",
    "3 problem",
    "4 problem",
    "5 md5 -",
    "6 problem",
    "7 problem",
  ])
})

test("pytx: signals come as JSON Lines, as an array, as a page of data, and as CSV", async () => {
  const signals = [
    { signal_type: "pdq", signal: pdq },
    { type: "HASH_MD5", indicator: md5, tags: ["a", "b"] },
    { type: "HASH_TMK", indicator: "x" },
    { signal_type: "pdq", signal: pdq, should_delete: true },
  ]
  const expected = ["1 pdq -", "2 md5 a,b", "3 problem", "4 gone pdq"]
  const lines = signals.map((one) => JSON.stringify(one)).join("\n")
  const forms = [
    lines,
    JSON.stringify(signals),
    JSON.stringify(signals, null, 2),
    JSON.stringify({ data: signals }),
    `{\n"data": ${JSON.stringify(signals)}}`,
  ]
  for (const form of forms) {
    for (const size of [1, 100_000]) assert.deepEqual(short(await read("pytx", form, undefined, size)), expected)
  }
  assert.deepEqual(short(await read("pytx", `signal_type,signal_str\npdq,${pdq}\n`)), ["2 pdq -"])
  assert.deepEqual(short(await read("pytx", JSON.stringify(signals[0]))), ["1 pdq -"])
})

test("pytx: a document longer than a line may be is read whole", async () => {
  const many = Array.from({ length: 2_000 }, (_, i) => ({ signal_type: "md5", signal: digest("md5", `gnome ${i}`) }))
  const lines = await read("pytx", JSON.stringify({ data: many }), undefined, 16_384)
  assert.equal(lines.filter((one) => "hash" in one).length, 2_000)
})

test("csv and jsonl: what is said beside a hash is kept, and an entry marked as deleted is gone", async () => {
  const notes = { reference: "r-1", category: "A", licence: "agreement 7", expiresAt: "2027-06-30T00:00:00.000Z" }
  const csv = `md5,entry_id,category,license,expires,deleted\n${md5},r-1,A,agreement 7,2027-06-30,\n${md5},r-1,,,,true\n${md5},r-1,,,soon,\n`
  const jsonl = [
    { md5, reference: "r-1", category: "A", licence: "agreement 7", expires: "2027-06-30" },
    { md5, reference: "r-1", deleted: true },
    { md5, reference: "r-1", expires: "soon" },
  ].map((one) => JSON.stringify(one))
  for (const lines of [await read("csv", csv), await read("jsonl", jsonl.join("\n"))]) {
    assert.ok("hash" in lines[0]!)
    assert.deepEqual(lines[0].hash, { algorithm: "md5", value: md5, ...notes })
    assert.ok("gone" in lines[1]!)
    assert.deepEqual(lines[1].gone, { algorithm: "md5", value: md5, reference: "r-1" })
    assert.ok("problem" in lines[2]!)
  }
})

test("vics: media of a list and of cases give MD5, SHA-1 and PhotoDNA with the category as it is", async () => {
  const media = { MediaID: 1, Category: 2, MD5: md5.toUpperCase(), SHA1: sha1.toUpperCase(), PhotoDNA: photodna }
  const expected = ["1 md5 2", "1 sha1 2", "1 photodna 2", "2 problem"]
  const list = {
    "odata.metadata": "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media",
    value: [media, { Category: 1 }],
  }
  const cases = {
    "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases",
    value: [
      { CaseID: "x", Media: [media] },
      { CaseID: "y", Media: [{}] },
    ],
  }
  for (const size of [7, 100_000]) {
    assert.deepEqual(short(await read("vics", JSON.stringify(list), undefined, size)), expected)
    assert.deepEqual(short(await read("vics", `\ufeff${JSON.stringify(cases, null, 1)}`, undefined, size)), expected)
  }
})

test("vics: a case of 30,000 media is read in the memory of a few", async () => {
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void
  async function* made() {
    yield Buffer.from(`{"value":[{"CaseID":"x","Media":[{"MD5":"${md5}"}`)
    for (let n = 0; n < 300; n++) yield Buffer.from(`,{"MD5":"${md5}","Comments":"${"g".repeat(2000)}"}`.repeat(100))
    yield Buffer.from("]}]}")
  }
  collect()
  const before = process.memoryUsage().heapUsed
  let count = 0
  let most = 0
  for await (const line of readKnownFile("vics", made())) {
    assert.ok("hash" in line)
    if (++count % 10_000 !== 0) continue
    collect()
    most = Math.max(most, process.memoryUsage().heapUsed - before)
  }
  assert.equal(count, 30_001)
  assert.ok(most < 20 * 2 ** 20, `${most} bytes of 60 MB`)
})

test("ncmec: entries replace what their name said before, deleted ones are gone, several answers follow each other", async () => {
  const answer = (entries: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
      <images count="3" maxTimestamp="2026-11-01T00:00:00Z">${entries}</images><paging><next>/v2/entries?start=1</next></paging></queryResult>\n`
  const entry = (name: string, id: string, inner = "") =>
    `<${name}><member id="42">Gnome &amp; Sons</member><timestamp>2026-10-20T11:51:27Z</timestamp><id>${id}</id>${inner}</${name}>`
  const prints = (inner: string) => `<classification>A1</classification><fingerprints>${inner}</fingerprints>`
  const text =
    answer(
      entry(
        "image",
        "one",
        prints(`<md5>${md5.toUpperCase()}</md5><pdq>${pdq}</pdq><tmk href="/x"/><pdna>${photodna}</pdna>`),
      ) +
        entry("deletedImage", "two") +
        entry("video", "three", prints("<netclean>x</netclean>")),
    ) +
    answer(
      entry("ns:image", "four", prints("<md5>broken</md5>"))
        .replaceAll("<ns:image>", "<image>")
        .replaceAll("</ns:image>", "</image>"),
    )
  const expected = [
    "1 gone 42/one",
    "1 md5 A1",
    "1 pdq A1",
    "1 photodna A1",
    "2 gone 42/two",
    "3 gone 42/three",
    "3 problem",
    "4 gone 42/four",
    "4 problem",
  ]
  for (const size of [5, 100_000]) {
    const lines = await read("ncmec", text, undefined, size)
    assert.deepEqual(short(lines), expected)
    assert.ok("hash" in lines[1]! && lines[1].hash.reference === "42/one")
  }
})

test("ncmec: an answer that ends before its end gives what is whole, and is refused after that", async () => {
  const whole = `<queryResult><images><image><member id="1"/><id>a</id><fingerprints><md5>${md5}</md5></fingerprints></image><image><member id="1"/><id>b</id><fingerprints><md5>${md5}</md5>`
  const lines: KnownLine[] = []
  await assert.rejects(
    async () => {
      for await (const line of readKnownFile("ncmec", inPieces(Buffer.from(whole), 10))) lines.push(line)
    },
    { code: "input_invalid" },
  )
  assert.deepEqual(short(lines), ["1 gone 1/a", "1 md5 -"])
})

test("stopncii: records are hashes or, once withdrawn, gone; saved pages follow each other", async () => {
  const record = (signalType: string, hashValue: string, hashStatus: string) => ({
    lastModtimestamp: 1,
    signalType,
    hashValue,
    hashStatus,
    caseNumbers: { "1": hashStatus },
  })
  const page = (...hashRecords: unknown[]) =>
    JSON.stringify({
      count: hashRecords.length,
      nextPageToken: "x",
      nextSetTimestamp: 2,
      hasMoreRecords: false,
      hashRecords,
    })
  const text = `${page(record("ImagePDQ", pdq, "Active"), record("ImagePDQ", pdq, "Withdrawn"), record("VideoTMK", "x", "Active"))}\n${page(record("VideoMD5", md5, "Received"), {})}`
  assert.deepEqual(short(await read("stopncii", text)), ["1 pdq -", "2 gone pdq", "3 problem", "4 md5 -", "5 problem"])
  assert.deepEqual(short(await read("stopncii", page())), [])
})

test("a file that is not of its format at all is refused with what to do", async () => {
  for (const [format, text] of [
    ["vics", "MD5,SHA1"],
    ["vics", "[]"],
    ["vics", '{"value":[{"MD5":"'],
    ["stopncii", "{}"],
    ["ncmec", "<html></html>"],
    ["ncmec", "gnomes"],
    ["pytx", "[{"],
  ] as const) {
    await assert.rejects(
      read(format, text),
      (error) => error instanceof WatchlineError && error.code === "input_invalid" && !!error.remedy,
    )
  }
})

test("every hash that is read makes a valid record", async () => {
  for (const line of await read("csv", `md5,sha1,sha256,pdq,category\n${md5},${sha1},${sha256},${pdq},x\n`)) {
    assert.ok("hash" in line)
    const { algorithm, value } = line.hash
    const hash = {
      ...line.hash,
      id: knownHashId(algorithm, value, "gnomes"),
      source: "gnomes",
      importedAt: "2026-11-23T00:00:00.000Z",
    }
    assert.equal(KnownHash.problem(hash), undefined)
  }
})

test("a long list is read in the memory of a chunk and a line, and an abandoned one closes its source", async () => {
  let closed = false
  let given = 0
  async function* endless() {
    try {
      for (;;) yield Buffer.from(`${digest("md5", `gnome ${given++}`)}\n`)
    } finally {
      closed = true
    }
  }
  let count = 0
  for await (const line of readKnownFile("csv", endless())) {
    assert.ok("hash" in line)
    if (++count === 5_000) break
  }
  assert.ok(given <= count + 2)
  assert.ok(closed)
})
