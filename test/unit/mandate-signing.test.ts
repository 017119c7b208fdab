import assert from "node:assert/strict"
import { generateKeyPairSync } from "node:crypto"
import { test } from "node:test"
import { verifyMandate } from "../../crawlers/mandate.ts"
import { publicKeyText, signCanonical, verifyCanonical } from "../../src/model/signature.ts"
import { signMandate } from "../../src/sealing/mandate-signing.ts"

const mandate = {
  issuingBody: "Garden Office",
  legalBasis: "Garden Act, section 4",
  reference: "G-2026-7",
  hosts: ["gnomes.example"],
  collect: ["posts", "text"],
  retentionDays: 90,
  start: "2026-11-01T00:00:00.000Z",
  expiry: "2027-01-01T00:00:00.000Z",
  robots: "honour",
}
const key = generateKeyPairSync("ed25519")

test("a signed mandate is accepted by the crawler's own check, and a changed one is not", () => {
  const signed = signMandate(mandate, key)
  assert.deepEqual(verifyMandate(signed, key.publicKey), mandate)
  const changed = { ...signed, mandate: { ...signed.mandate, reference: "G-2026-8" } }
  assert.throws(() => verifyMandate(changed, key.publicKey), { code: "mandate_invalid" })
})

test("a draft that says nothing enforceable is refused with a sentence about what to mend", () => {
  const { reference: _, ...without } = mandate
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [without, /"reference" is missing/],
    [{ ...mandate, hosts: ["Gnomes.example"] }, /lower case/],
    [{ ...mandate, hosts: ["http://gnomes.example/forum"] }, /without scheme, port and path/],
    [{ ...mandate, hosts: ["gnomes.example:8080"] }, /without scheme, port and path/],
    [{ ...mandate, hosts: ["*.gnomes.example"] }, /names each host/],
    [{ ...mandate, hosts: ["gnomes..example"] }, /no host name/],
    [{ ...mandate, hosts: [] }, /hosts/],
    [{ ...mandate, start: "2026-02-31T00:00:00.000Z" }, /"start" is no time/],
    [{ ...mandate, expiry: "tomorrow" }, /"expiry" is no time/],
    [{ ...mandate, expiry: mandate.start }, /ends before it starts/],
    [{ ...mandate, collect: ["images"] }, /collect/],
    [{ ...mandate, retentionDays: 0 }, /retentionDays/],
    [{ ...mandate, note: "x" }, /schema/],
    ["mandate", /no JSON object/],
    [null, /no JSON object/],
  ]
  for (const [draft, says] of wrong) {
    assert.throws(
      () => signMandate(draft, key),
      (error: { code?: string; message?: string }) => {
        assert.equal(error.code, "input_invalid")
        assert.match(error.message ?? "", says)
        return true
      },
    )
  }
})

test("a signature has one spelling, one value and one key", () => {
  const value = { b: 1, a: ["ü", null] }
  const signature = signCanonical(value, key.privateKey)
  const text = publicKeyText(key.publicKey)
  assert.equal(verifyCanonical({ a: ["ü", null], b: 1 }, signature, text), true)
  assert.equal(verifyCanonical({ ...value, b: 2 }, signature, text), false)
  assert.equal(verifyCanonical(value, signature, publicKeyText(generateKeyPairSync("ed25519").publicKey)), false)
  for (let at = 0; at < signature.length; at += 1) {
    const other = signature[at] === "A" ? "B" : "A"
    assert.equal(verifyCanonical(value, signature.slice(0, at) + other + signature.slice(at + 1), text), false, `${at}`)
  }
  for (const junk of ["", " ", "====", `${signature}\n`, signature.slice(0, -4)])
    assert.equal(verifyCanonical(value, junk, text), false)
  for (const junk of ["", "AAAA", ` ${text}`, publicKeyText(generateKeyPairSync("x25519").publicKey)])
    assert.equal(verifyCanonical(value, signature, junk), false)
  assert.equal(verifyCanonical("lone \ud800", signature, text), false)
})
