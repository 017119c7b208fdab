import assert from "node:assert/strict"
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { test } from "node:test"
import { mandateGate, verifyMandate } from "../../crawlers/mandate.ts"
import { type Mandate, mandateId, type SignedMandate } from "../../src/model/mandate.ts"
import { canonicalJson } from "../../src/model/record.ts"

const organisation = generateKeyPairSync("ed25519")
const stranger = generateKeyPairSync("ed25519")

const mandate: Mandate = {
  issuingBody: "Garden office",
  legalBasis: "Gnome act, section 1",
  reference: "GG-2026-1",
  hosts: ["gnomes.onion", "xn--grten-gra.example", "192.0.2.7"],
  collect: ["posts", "fingerprints"],
  retentionDays: 90,
  start: "2026-01-01T00:00:00.000Z",
  expiry: "2026-07-01T00:00:00.000Z",
  robots: "honour",
}
const during = Date.parse("2026-03-01T00:00:00.000Z")

function signed(by: { publicKey: KeyObject; privateKey: KeyObject }, text = mandate): SignedMandate {
  return {
    mandate: text,
    key: by.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    signature: sign(null, Buffer.from(canonicalJson(text)), by.privateKey).toString("base64"),
  }
}

function gateAt(now: number) {
  return mandateGate(mandate, mandateId(mandate), () => now)
}

test("a mandate signed with the organisation's key is accepted, by its public or private key", () => {
  assert.deepEqual(verifyMandate(signed(organisation), organisation.publicKey), mandate)
  assert.deepEqual(verifyMandate(signed(organisation), organisation.privateKey), mandate)
})

test("the order of fields and the spacing of a stored mandate change nothing", () => {
  const stored = JSON.parse(JSON.stringify(signed(organisation), null, 4)) as SignedMandate
  const reordered = Object.fromEntries(Object.entries(stored.mandate).reverse()) as Mandate
  verifyMandate({ ...stored, mandate: reordered }, organisation.publicKey)
})

test("a signed mandate altered by one byte anywhere is refused", () => {
  const text = JSON.stringify(signed(organisation))
  let tried = 0
  for (let at = 0; at < text.length; at++) {
    const altered = `${text.slice(0, at)}${text[at] === "1" ? "2" : "1"}${text.slice(at + 1)}`
    let parsed: SignedMandate
    try {
      parsed = JSON.parse(altered) as SignedMandate
    } catch {
      continue
    }
    tried++
    assert.throws(
      () => verifyMandate(parsed, organisation.publicKey),
      { code: "mandate_invalid", exit: 3 },
      `byte ${at}`,
    )
  }
  assert.ok(tried > text.length / 2, `only ${tried} of ${text.length} alterations were still JSON`)
})

test("another base64 text for the same signature bytes is an alteration", () => {
  const good = signed(organisation)
  const last = good.signature.at(-3)!
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  const twin = `${good.signature.slice(0, -3)}${alphabet[alphabet.indexOf(last) ^ 1]}==`
  assert.deepEqual(Buffer.from(twin, "base64"), Buffer.from(good.signature, "base64"))
  assert.throws(() => verifyMandate({ ...good, signature: twin }, organisation.publicKey), { code: "mandate_invalid" })
})

test("a mandate signed well by somebody else is refused", () => {
  assert.throws(() => verifyMandate(signed(stranger), organisation.publicKey), { code: "mandate_invalid" })
  const disguised = { ...signed(stranger), key: signed(organisation).key }
  assert.throws(() => verifyMandate(disguised, organisation.publicKey), { code: "mandate_invalid" })
})

test("a mandate under an organisation's key of another kind is refused", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 })
  assert.throws(() => verifyMandate(signed(rsa), rsa.publicKey), { code: "mandate_invalid" })
})

test("a host in scope is allowed however it is written", () => {
  const gate = gateAt(during)
  for (const url of [
    "http://gnomes.onion/",
    "https://GNOMES.onion:8443/viewtopic.php?t=1#p2",
    "http://gnomes.onion./",
    "http://somebody:secret@gnomes.onion/",
    "http://gärten.example/",
    "http://xn--grten-gra.example/",
    "http://0xC0.0.2.7/",
  ]) {
    gate.allowUrl(url)
  }
  gate.allowHost("gnomes.onion")
  gate.allowHost("Gnomes.Onion.")
})

test("every other host is out of scope: sub-domains, parents, look-alikes, loopback, IPv6", () => {
  const gate = gateAt(during)
  for (const url of [
    "http://www.gnomes.onion/",
    "http://onion/",
    "http://gnomes.onion.example/",
    "http://gnomes.onion@evil.example/",
    "http://gnomеs.onion/",
    "http://localhost/",
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://[::1]/",
    "http://[::ffff:192.0.2.7]/",
    "http://192.0.2.8/",
  ]) {
    assert.throws(() => gate.allowUrl(url), { code: "mandate_out_of_scope", exit: 3 }, url)
  }
  for (const host of [
    "",
    "evil.onion",
    "::1",
    "gnomes.onion:80",
    "gnomes.onion/x",
    "x@gnomes.onion",
    "gnomes.onion evil",
  ]) {
    assert.throws(() => gate.allowHost(host), { code: "mandate_out_of_scope" }, host)
  }
})

test("addresses of other schemes are refused", () => {
  for (const url of [
    "ftp://gnomes.onion/",
    "file:///etc/hosts",
    "javascript:gnome()",
    "//gnomes.onion/",
    "gnomes.onion",
    "",
  ]) {
    assert.throws(() => gateAt(during).allowUrl(url), { code: "url_invalid" }, url)
  }
})

test("a mandate holds from its start up to, and not at, its expiry", () => {
  const url = "http://gnomes.onion/"
  const start = Date.parse(mandate.start)
  const expiry = Date.parse(mandate.expiry)
  assert.throws(() => gateAt(start - 1).allowUrl(url), { code: "mandate_not_yet_valid", next: "stop", exit: 3 })
  gateAt(start).allowUrl(url)
  gateAt(expiry - 1).allowUrl(url)
  assert.throws(() => gateAt(expiry).allowUrl(url), { code: "mandate_expired", next: "stop", exit: 3 })
  assert.equal(gateAt(expiry - 1).remainingMs(), 1)
  assert.equal(gateAt(expiry + 5).remainingMs(), 0)
})

test("a mandate whose dates cannot be read allows nothing", () => {
  const broken = { ...mandate, expiry: "2026-13-99T99:99:99.999Z" }
  const gate = mandateGate(broken, mandateId(broken), () => during)
  assert.throws(() => gate.allowUrl("http://gnomes.onion/"), { code: "mandate_expired" })
  assert.equal(gate.remainingMs(), 0)
})

test("a refusal names the host, the mandate's reference and its date", () => {
  assert.throws(() => gateAt(during).allowUrl("http://evil.onion/secret"), /GG-2026-1.*2026-07-01.*evil\.onion\.$/)
  assert.throws(() => gateAt(Date.parse(mandate.expiry)).allowNow(), /GG-2026-1.*2026-07-01/)
  assert.throws(() => gateAt(0).allowNow(), /GG-2026-1.*2026-01-01/)
})

test("what may be collected is what the mandate lists", () => {
  const gate = gateAt(during)
  assert.deepEqual([gate.allows("posts"), gate.allows("text"), gate.allows("fingerprints")], [true, false, true])
})
