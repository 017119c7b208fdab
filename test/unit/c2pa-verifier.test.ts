import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { openC2paVerifier } from "../../classifiers/image/c2pa/verifier.ts"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"
import type { Examination } from "../../src/model/fingerprint.ts"
import { c2paStore, created, manifest } from "../support/c2pa-bytes.ts"
import { makeSigner, type Signer, signedFile } from "../support/c2pa-signing.ts"
import { jpeg, jpegJumbf, jpegSegment, png, pngChunk, pngText, tam, webp } from "../support/image-bytes.ts"

const signer = makeSigner()
/** On a busy machine; what a hang costs has a test of its own. */
const patienceMs = 30_000
const composite = tam.replace("trained", "compositeWithTrained")
const algorithmic = tam.replace("trainedAlgorithmic", "algorithmic")

const inPng = (store: Buffer) => png({ width: 40, height: 30, before: [pngChunk("caBX", store)] })

function signedPng(sourceType = tam, by: Signer = signer): Buffer {
  return signedFile({ signer: by, actions: [created(sourceType, "GPT-4o")], format: "image/png", embed: inPng })
}

async function examined(t: TestContext, file: Uint8Array, trust?: string): Promise<Examination> {
  const pool = openExaminerPool({
    workers: 1,
    verifierTimeoutMs: patienceMs,
    ...(trust === undefined ? {} : { c2paTrust: trust }),
  })
  t.after(() => pool.close())
  return pool.examine(new Uint8Array(file))
}

function factsOf({ c2pa }: Examination) {
  assert.ok(c2pa)
  return [c2pa.bindingOk, c2pa.signatureOk, c2pa.chainTrusted, c2pa.validAtSigningTime]
}

const strengthsOf = ({ signals }: Examination) => signals.map(({ family, strength }) => [family, strength])

const containers: Record<string, { format: string; embed: (store: Buffer) => Buffer }> = {
  PNG: { format: "image/png", embed: inPng },
  JPEG: { format: "image/jpeg", embed: (store) => jpeg(jpegJumbf(store, 60_000)) },
  WebP: { format: "image/webp", embed: (store) => webp([["C2PA", store]]) },
}
for (const [name, { format, embed }] of Object.entries(containers)) {
  test(`a signed declaration in ${name} is conclusive; the trust list says who is believed`, async (t) => {
    const file = signedFile({ signer, actions: [created(tam, "GPT-4o")], format, embed })
    const unlisted = await examined(t, file)
    assert.deepEqual(factsOf(unlisted), [true, true, false, true])
    assert.deepEqual([unlisted.c2pa!.trustList, unlisted.c2pa!.reasons.includes("trustList.none")], ["none", true])
    assert.deepEqual(unlisted.signals, [
      {
        family: "c2pa",
        strength: "conclusive",
        generator: "openai",
        model: "GPT-4o",
        extent: "whole",
        carrier: unlisted.signals[0]!.carrier,
      },
    ])
    const listed = await examined(t, file, signer.anchor)
    assert.deepEqual(factsOf(listed), [true, true, true, true])
    assert.deepEqual([listed.c2pa!.signer, listed.c2pa!.reasons], ["Gnome Press", []])
    assert.match(listed.c2pa!.trustList, /^[0-9a-f]{16}$/)
    assert.deepEqual(strengthsOf(listed), [["c2pa", "conclusive"]])
    const others = await examined(t, file, makeSigner().anchor)
    assert.deepEqual(factsOf(others), [true, true, false, true])
    assert.deepEqual(strengthsOf(others), [["c2pa", "strong"]])
  })
}

test("a signed manifest over other bytes is moderate: what was signed was another file", async (t) => {
  const file = signedPng()
  file[file.length - 20]! ^= 1
  const result = await examined(t, file)
  assert.deepEqual(factsOf(result), [false, true, false, true])
  assert.ok(result.c2pa!.reasons.includes("assertion.dataHash.mismatch"))
  assert.deepEqual(strengthsOf(result), [["c2pa", "moderate"]])
})

test("a claim changed after it was signed, and one that was never signed, are declarations and no more", async (t) => {
  const file = signedPng()
  const at = file.indexOf("xmp:iid:") + 10
  file[at]! ^= 1
  const changed = await examined(t, file)
  assert.equal(changed.c2pa!.signatureOk, false)
  assert.deepEqual(strengthsOf(changed), [["c2pa", "strong"]])

  const unsigned = await examined(t, inPng(c2paStore(manifest("urn:c2pa:1", [created(tam, "GPT-4o")]))))
  assert.deepEqual(factsOf(unsigned), [false, false, false, false])
  assert.deepEqual(strengthsOf(unsigned), [["c2pa", "strong"]])
})

test("an assertion changed after it was signed breaks the binding", async (t) => {
  const file = signedPng()
  const at = file.indexOf("GPT-4o")
  file[at + 4] = "5".charCodeAt(0)
  const result = await examined(t, file)
  assert.deepEqual([result.c2pa!.bindingOk, result.c2pa!.signatureOk], [false, true])
  assert.notEqual(result.signals[0]!.strength, "conclusive")
})

test("a certificate that had ended long before now is not valid at signing time, and the other facts stay", async (t) => {
  const old = makeSigner({ until: "210101000000Z" })
  const result = await examined(t, signedPng(tam, old), old.anchor)
  assert.deepEqual([result.c2pa!.bindingOk, result.c2pa!.signatureOk], [true, true])
  assert.equal(result.c2pa!.validAtSigningTime, false)
  assert.ok(result.c2pa!.reasons.includes("signingCredential.expired"))
})

test("a verified edit with a generated part is moderate, and a procedural picture is no signal", async (t) => {
  const part = await examined(t, signedPng(composite))
  assert.deepEqual(factsOf(part), [true, true, false, true])
  assert.deepEqual(
    part.signals.map(({ strength, extent }) => [strength, extent]),
    [["moderate", "part"]],
  )
  const procedural = await examined(t, signedPng(algorithmic))
  assert.deepEqual(procedural.signals, [])
  assert.deepEqual(procedural.c2pa!.sourceTypes, ["algorithmicMedia"])
  assert.deepEqual(factsOf(procedural), [true, true, false, true])
})

test("a second store beside a signed one takes nothing of its grade", async (t) => {
  const forged = c2paStore(manifest("urn:c2pa:2", [created(tam, "GPT-4o")]))
  const embed = (store: Buffer) =>
    png({ width: 40, height: 30, before: [pngChunk("caBX", store), pngChunk("caBX", forged)] })
  const file = signedFile({ signer, actions: [created(algorithmic, "Gnome")], format: "image/png", embed })
  const result = await examined(t, file)
  assert.ok(result.signals.every(({ strength }) => strength !== "conclusive"))
})

test("a file without credentials has no such facts, and the verifier is not asked", async (t) => {
  const result = await examined(t, png({ before: [pngText("Comment", "jumd c2pa")] }))
  assert.deepEqual([result.c2pa, result.facts], [undefined, []])
})

const failing = new URL("../support/failing-verifier-worker.ts", import.meta.url)
for (const [how, reason] of [
  ["HANG!", "verifier.timeout"],
  ["EXIT!", "verifier.crashed"],
  ["THROW", "verifier.crashed"],
] as const) {
  test(`a verifier that fails by ${how} costs its fact alone: ${reason}, and the next file has another worker`, async (t) => {
    const pool = openExaminerPool({
      workers: 1,
      verifierWorker: failing,
      verifierTimeoutMs: how === "HANG!" ? 500 : patienceMs,
    })
    t.after(() => pool.close())
    const store = c2paStore(manifest("urn:c2pa:1", [created(tam, "GPT-4o")]))
    const file = () => new Uint8Array(jpeg([jpegSegment(0xfe, how), ...jpegJumbf(store, 60_000)]))
    for (const { c2pa, signals, sha256, width } of await Promise.all([pool.examine(file()), pool.examine(file())])) {
      assert.deepEqual([c2pa!.reasons[0], c2pa!.manifests, sha256.length, width], [reason, 1, 64, 64])
      assert.deepEqual(
        signals.map(({ strength }) => strength),
        ["strong"],
      )
    }
  })
}

test("what the verifier is given is overwritten, whatever becomes of it", async (t) => {
  const verifier = openC2paVerifier({ timeoutMs: patienceMs })
  t.after(() => verifier.close())
  const bytes = new Uint8Array(signedPng())
  const result = await verifier.verify(bytes, "png")
  assert.ok("active" in result)
  assert.equal(bytes.length, 0, "moved, not copied")
})
