import assert from "node:assert/strict"
import { generateKeyPairSync, sign } from "node:crypto"
import { test } from "node:test"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { novelaiSignatureHolds } from "../../classifiers/image/provenance/novelai-signature.ts"
import { pythonJson } from "../../classifiers/image/provenance/python-json.ts"
import { readSignals } from "../../classifiers/image/provenance/read-signals.ts"
import { png, pngText } from "../support/image-bytes.ts"
import { landscape } from "../support/stealth-bytes.ts"

const { publicKey, privateKey } = generateKeyPairSync("ed25519")
const [width, height] = [40, 30]
const rgb = landscape(width, height, 3)
const pixels = { data: rgb as Buffer<ArrayBuffer>, width, height, channels: 3 } as const

// As Python writes it; the settings hold what differs between JSON writers.
const settings = String.raw`{"prompt": "a gn\u00f6me \ud83c\udf44, \"moss\"\n", "steps": 28, "scale": 5.0, "noise": 1e-05, "list": [1, {"a": null}], "uc": ""}`
const signature = sign(null, Buffer.concat([rgb, Buffer.from(settings)]), privateKey).toString("base64")
const comment = settings.replace(', "uc"', `, "signed_hash": "${signature}", "uc"`)

test("a signature over pixels and settings holds, however the settings' JSON is spaced or escaped", () => {
  assert.ok(novelaiSignatureHolds(comment, pixels, publicKey))
  const compact = comment.replaceAll('": ', '":').replaceAll(', "', ',"').replaceAll("[1, {", "[1,{")
  const spelled = compact.replaceAll("\\u00f6", "ö").replaceAll("\\ud83c\\udf44", "🍄")
  assert.ok(novelaiSignatureHolds(spelled, pixels, publicKey))
  assert.ok(novelaiSignatureHolds(JSON.stringify({ Comment: comment }), pixels, publicKey))
  const clear = Buffer.alloc(width * height * 4, 200)
  for (let at = 0; at < width * height; at++) rgb.copy(clear, at * 4, at * 3, at * 3 + 3)
  assert.ok(novelaiSignatureHolds(comment, { data: clear, width, height, channels: 4 }, publicKey))
})

test("one bit of a pixel, a word of the settings, another key, or no signature: it does not hold", () => {
  const changed = Buffer.from(rgb)
  changed[100]! ^= 1
  assert.ok(!novelaiSignatureHolds(comment, { ...pixels, data: changed }, publicKey))
  assert.ok(!novelaiSignatureHolds(comment.replace("28", "29"), pixels, publicKey))
  assert.ok(!novelaiSignatureHolds(comment, pixels))
  for (const text of [settings, "", "{", "[]", comment.slice(0, -1), '{"signed_hash": 3}'])
    assert.ok(!novelaiSignatureHolds(text, pixels, publicKey))
})

test("a signature that does not hold leaves NovelAI's own block strong", () => {
  const file = png({
    before: [
      pngText("Software", "NovelAI"),
      pngText("Comment", JSON.stringify({ steps: 1, seed: 2, scale: 3, signed_hash: signature })),
    ],
  })
  const signals = readSignals(readMetadata(file), { data: rgb as Buffer<ArrayBuffer>, width, height, channels: 3 })
  assert.deepEqual(
    signals.map(({ family, strength }) => [family, strength]),
    [["novelai", "strong"]],
  )
})

test("JSON as Python writes it: spaces, ASCII, numbers untouched, one key left out at the top only", () => {
  assert.equal(
    pythonJson('{"a":1.50,"b":{"a":[1,2,{}]},"é":"\\u0041/"}', "a"),
    '{"b": {"a": [1, 2, {}]}, "\\u00e9": "A/"}',
  )
  assert.equal(pythonJson("{}", "a"), "{}")
  for (const text of ["", "[]", "{", '{"a":}x', "{}{}", '"a"']) assert.equal(pythonJson(text, "a"), undefined, text)
  const started = performance.now()
  pythonJson(`{"a":${"[".repeat(200_000)}`, "b")
  pythonJson(`{"a":"${"\\".repeat(200_001)}`, "b")
  assert.ok(performance.now() - started < 5_000)
})
