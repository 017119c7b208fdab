import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { deflateRawSync } from "node:zlib"
import { examineCardFile } from "../../classifiers/characters/examine-card-file.ts"
import { examine } from "../../classifiers/image/examine.ts"
import { textReader } from "../../classifiers/text-reader.ts"
import { fingerprintOf } from "../../crawlers/page-records.ts"
import { Fingerprint } from "../../src/model/fingerprint.ts"
import { instant } from "../../src/model/record.ts"
import { openTextVault } from "../../src/sealing/text-vault.ts"
import { mandate } from "../contract/records.ts"
import { png, pngText } from "../support/image-bytes.ts"
import { memoryAuditLog } from "../support/memory-audit-log.ts"
import { memoryBucketKeys } from "../support/memory-bucket-keys.ts"

const fields = {
  name: "Gustav the Gnome",
  description: "keeps the north bed",
  personality: "earthy",
  scenario: "a garden",
  first_mes: "Good morning, fern.",
  mes_example: "",
}
const v3 = { spec: "chara_card_v3", spec_version: "3.0", data: fields }
const v2 = { spec: "chara_card_v2", data: fields }

/** A zip archive of one entry, as CHARX writers make it. */
function archive(name: string, content: string, packed = true): Buffer {
  const plain = Buffer.from(content)
  const data = packed ? deflateRawSync(plain) : plain
  const part = (length: number, fields: readonly (readonly [number, number, 2 | 4])[]) => {
    const buffer = Buffer.alloc(length)
    for (const [at, value, size] of fields) buffer.writeUIntLE(value, at, size)
    return buffer
  }
  const method = packed ? 8 : 0
  const local = part(30, [
    [0, 0x04034b50, 4],
    [8, method, 2],
    [18, data.length, 4],
    [22, plain.length, 4],
    [26, name.length, 2],
  ])
  const before = Buffer.from("a picture before the archive")
  const offset = before.length
  const entry = part(46, [
    [0, 0x02014b50, 4],
    [10, method, 2],
    [20, data.length, 4],
    [24, plain.length, 4],
    [28, name.length, 2],
    [42, offset, 4],
  ])
  const directory = offset + 30 + name.length + data.length
  const end = part(22, [
    [0, 0x06054b50, 4],
    [10, 1, 2],
    [16, directory, 4],
  ])
  const whole = Buffer.concat([before, local, Buffer.from(name), data, entry, Buffer.from(name), end])
  whole.write("PK", 0, "latin1")
  return whole
}

async function examined(t: TestContext, name: string, content: string | Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), "watchline-cards-"))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, name), content)
  return examineCardFile(join(folder, name))
}

test("cards of versions 1 to 3 are known as JSON and in CHARX archives, and no word of them is in the row", async (t) => {
  const files: readonly (readonly [string, string | Uint8Array, string, string])[] = [
    ["v1.json", JSON.stringify(fields), "v1", "json"],
    ["v2.json", JSON.stringify(v2), "v2", "json"],
    ["v3.json", JSON.stringify(v3), "v3", "json"],
    ["packed.charx", archive("card.json", JSON.stringify(v3)), "v3", "charx"],
    ["stored.charx", archive("card.json", JSON.stringify(v3), false), "v3", "charx"],
  ]
  for (const [name, content, spec, format] of files) {
    const row = (await examined(t, name, content))!
    assert.deepEqual([row.card?.spec, row.format, row.facts], [spec, format, ["character-card"]], name)
    assert.ok(!/Gustav|fern/.test(JSON.stringify(row)))
  }
})

test("other JSON, archives without a card and broken ones are no cards", async (t) => {
  const none: readonly (readonly [string, string | Uint8Array])[] = [
    ["package.json", JSON.stringify({ name: "gnome", description: "a package" })],
    ["list.json", "[1, 2]"],
    ["broken.json", '{"name": "Gus'],
    ["other.zip", archive("readme.txt", "gnomes")],
    ["cut.charx", archive("card.json", JSON.stringify(v3)).subarray(0, 90)],
    ["card.txt", JSON.stringify(v3)],
  ]
  for (const [name, content] of none) assert.equal(await examined(t, name, content), undefined, name)
  const bomb = archive(
    "card.json",
    `{"spec":"chara_card_v3","data":{"name":"x","description":"${"y".repeat(8 << 20)}"}}`,
  )
  assert.equal(await examined(t, "bomb.charx", bomb), undefined)
})

test("of a card in a picture, name and texts are kept sealed and as keyed digests, the texts only where the mandate covers text", async () => {
  const keys = { keys: memoryBucketKeys(), audit: memoryAuditLog(), clock: () => now }
  const now = Date.UTC(2026, 4, 1)
  const vault = openTextVault({ ...keys, workspaceKey: new Uint8Array(32).fill(7) })
  const stranger = openTextVault({ ...keys, workspaceKey: new Uint8Array(32).fill(8) })
  const card = pngText("ccv3", Buffer.from(JSON.stringify(v3)).toString("base64"))
  const context = { mandate, seenAt: instant(now), now, retentionDays: 90, text: true, vault }
  const read = () => examine(new Uint8Array(png({ before: [card] })))
  const examination = await read()
  const fingerprint = await fingerprintOf(examination, context)
  assert.equal(Fingerprint.problem(fingerprint), undefined)
  assert.ok(
    examination.card!.content.every((byte) => byte === 0),
    "the card's bytes are overwritten",
  )
  assert.ok(!/Gustav|fern/.test(JSON.stringify(fingerprint)))
  assert.equal(fingerprint.card!.spec, "v3")
  const [opened] = await vault.open([{ recordId: fingerprint.id, sealed: fingerprint.card!.sealed! }], {
    actor: "kim",
    reason: "a test",
  })
  assert.ok(!(opened instanceof Error))
  assert.equal(opened!.title, "Gustav the Gnome")
  assert.ok(opened!.text.includes("Good morning, fern."))

  const again = await fingerprintOf(await read(), { ...context, text: false })
  assert.equal(again.card!.sealed, undefined)
  assert.deepEqual([again.card!.name, again.card!.text], [fingerprint.card!.name, fingerprint.card!.text])
  const elsewhere = await fingerprintOf(await read(), { ...context, text: false, vault: stranger })
  assert.notEqual(elsewhere.card!.name, fingerprint.card!.name)
})

test("a card pasted into a post or offered by its file name is a chatbot character", () => {
  const platforms = (text: string) => textReader.read(text, []).characters.map(({ platform }) => platform)
  assert.deepEqual(platforms(`\`\`\`\n${JSON.stringify(v2)}\n\`\`\``), ["character-card"])
  assert.deepEqual(platforms("grab Gustav_v2.charx from the attachment"), ["character-card"])
  assert.deepEqual(platforms("the .charx form is a zip archive"), [])
})
