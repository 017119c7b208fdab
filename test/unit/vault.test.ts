import assert from "node:assert/strict"
import { test } from "node:test"
import { WatchlineError } from "../../src/errors.ts"
import type { Sealed } from "../../src/model/post.ts"
import { openTextVault } from "../../src/sealing/text-vault.ts"
import { memoryAuditLog } from "../support/memory-audit-log.ts"
import { memoryBucketKeys } from "../support/memory-bucket-keys.ts"

const day = 86_400_000
const collected = Date.parse("2026-11-23T10:00:00.000Z")
const content = { title: "Mossy caps", author: "gardener", text: "How I glazed the red ones 🍄" }
const opening = { actor: "anna", reason: "case 2026-117" }
const post = "a".repeat(64)

function bench(at = collected) {
  const time = { now: at }
  const [keys, audit] = [memoryBucketKeys(), memoryAuditLog()]
  const workspaceKey = new Uint8Array(32).fill(7)
  const vault = openTextVault({ workspaceKey, keys, audit, clock: () => time.now })
  return { time, keys, audit, vault }
}

async function openOne(vault: ReturnType<typeof bench>["vault"], sealed: Sealed, recordId = post) {
  const [opened] = await vault.open([{ recordId, sealed }], opening)
  return opened instanceof WatchlineError ? opened.code : opened
}

test("what was sealed opens again, and rests in no readable form", async () => {
  const { vault, keys } = bench()
  const sealed = await vault.seal(post, content, collected, 90)
  assert.equal(sealed.bucket, "r90-2026-11-23")
  assert.deepEqual(await openOne(vault, sealed), content)
  const rest = Buffer.from(sealed.data, "base64")
  for (const word of ["Mossy", "gardener", "glazed"]) assert.equal(rest.includes(word), false)
  assert.deepEqual([...keys.stored.keys()], ["r90-2026-11-23"])
})

test("two seals of one text share nothing but their bucket", async () => {
  const { vault } = bench()
  const [one, other] = [await vault.seal(post, content, collected, 90), await vault.seal(post, content, collected, 90)]
  assert.notEqual(one.nonce, other.nonce)
  assert.notEqual(one.data, other.data)
})

test("one altered byte of nonce or data, wherever it is, is found", async () => {
  const { vault } = bench()
  const sealed = await vault.seal(post, content, collected, 90)
  for (const part of ["nonce", "data"] as const) {
    const bytes = Buffer.from(sealed[part], "base64")
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes)
      altered[at]! ^= 1
      assert.equal(await openOne(vault, { ...sealed, [part]: altered.toString("base64") }), "sealed_text_invalid")
    }
    assert.equal(await openOne(vault, { ...sealed, [part]: `${sealed[part]} ` }), "sealed_text_invalid")
    assert.equal(await openOne(vault, { ...sealed, [part]: "" }), "sealed_text_invalid")
  }
})

test("a seal that was moved to another record or bucket does not open", async () => {
  const { vault } = bench()
  const sealed = await vault.seal(post, content, collected, 90)
  await vault.seal(post, content, collected, 30)
  assert.equal(await openOne(vault, sealed, "b".repeat(64)), "sealed_text_invalid")
  assert.equal(await openOne(vault, { ...sealed, bucket: "r30-2026-11-23" }), "sealed_text_invalid")
})

test("wrapped data keys cannot be exchanged between buckets", async () => {
  const { vault, keys } = bench()
  const sealed = await vault.seal(post, content, collected, 90)
  await vault.seal(post, content, collected, 30)
  keys.stored.set("r30-2026-11-23", keys.stored.get("r90-2026-11-23")!)
  assert.equal(await openOne(vault, { ...sealed, bucket: "r30-2026-11-23" }), "sealed_text_invalid")
  const fresh = openTextVault({
    workspaceKey: new Uint8Array(32).fill(7),
    keys,
    audit: memoryAuditLog(),
    clock: () => collected,
  })
  await assert.rejects(fresh.seal(post, content, collected, 30), { code: "config_invalid" })
  await fresh.seal(post, content, collected, 90)
})

test("another workspace key opens nothing and seals nothing", async () => {
  const { vault, keys, audit } = bench()
  const sealed = await vault.seal(post, content, collected, 90)
  const stranger = openTextVault({ workspaceKey: new Uint8Array(32).fill(8), keys, audit, clock: () => collected })
  assert.equal(await openOne(stranger, sealed), "sealed_text_invalid")
  await assert.rejects(stranger.seal(post, content, collected, 90), { code: "config_invalid" })
})

test("a destroyed key makes its text unreadable at once, also for a process that sealed with it", async () => {
  const { vault, keys } = bench()
  const [sealed, other] = [
    await vault.seal(post, content, collected, 90),
    await vault.seal(post, content, collected, 30),
  ]
  await keys.destroy(sealed.bucket)
  assert.equal(await openOne(vault, sealed), "text_key_destroyed")
  assert.deepEqual(await openOne(vault, other), content)
})

test("items come back in order, and one that cannot be opened spoils no other", async () => {
  const { vault } = bench()
  const sealed = await vault.seal(post, content, collected, 90)
  const items = [sealed, { ...sealed, data: "AAAA" }, sealed].map((each) => ({ recordId: post, sealed: each }))
  const [first, second, third] = await vault.open(items, opening)
  assert.deepEqual([first, third], [content, content])
  assert.equal((second as WatchlineError).code, "sealed_text_invalid")
})

test("opening needs a reason of three characters and a name, and nothing is opened or logged without", async () => {
  const { vault, audit } = bench()
  const items = [{ recordId: post, sealed: await vault.seal(post, content, collected, 90) }]
  for (const reason of ["", "  ", "ab", " ab  "]) {
    await assert.rejects(vault.open(items, { actor: "anna", reason }), { code: "reason_required" })
  }
  await assert.rejects(vault.open(items, { actor: " ", reason: "case 7" }), { code: "input_invalid" })
  assert.deepEqual(audit.written, [])
})

test("an opening is in the audit log before the first key is asked for, and also when it fails", async () => {
  const { vault, audit, keys } = bench()
  const sealed = await vault.seal(post, content, collected, 90)
  const events: string[] = []
  const { append } = audit
  const { get } = keys
  audit.append = async (entry) => {
    events.push(entry.action)
    return append(entry)
  }
  keys.get = async (bucket) => {
    events.push("key")
    return get(bucket)
  }
  assert.equal(await openOne(vault, { ...sealed, data: "AAAA" }), "sealed_text_invalid")
  assert.deepEqual(events, ["text.open", "key"])
  const [event] = audit.written
  assert.deepEqual([event?.actor, event?.reason, event?.count], ["anna", "case 2026-117", 1])
  assert.match(event?.subject ?? "", /^[0-9a-f]{64}$/)
})

test("what cannot be logged is not opened", async () => {
  const { vault, audit, keys } = bench()
  const sealed = await vault.seal(post, content, collected, 90)
  audit.append = async () => {
    throw new WatchlineError("disk_full")
  }
  let asked = false
  keys.get = async () => {
    asked = true
    return undefined
  }
  await assert.rejects(vault.open([{ recordId: post, sealed }], opening), { code: "disk_full" })
  assert.equal(asked, false)
})

test("keys are destroyed when the day of collection and the retention are over, not a millisecond earlier", async () => {
  const { vault, keys, audit, time } = bench()
  const sealed = await vault.seal(post, content, collected, 90)
  await vault.seal(post, content, collected, 91)
  const end = Date.parse("2026-11-24T00:00:00.000Z") + 90 * day
  time.now = end - 1
  assert.deepEqual(await vault.expire(time.now), [])
  assert.deepEqual(await openOne(vault, sealed), content)
  time.now = end
  assert.deepEqual(await vault.expire(time.now), ["r90-2026-11-23"])
  assert.deepEqual(await vault.expire(time.now), [])
  assert.deepEqual(await keys.buckets(), ["r91-2026-11-23"])
  assert.equal(await openOne(vault, sealed), "text_key_destroyed")
  const expired = audit.written.filter((event) => event.action === "text.expire")
  assert.deepEqual(
    expired.map((event) => event.subject),
    ["r90-2026-11-23"],
  )
})

test("a key that a store cannot clear away wholly is logged as destroyed, spares no other, and the failure is reported", async () => {
  const { vault, keys, audit, time } = bench()
  await vault.seal(post, content, collected, 1)
  await vault.seal(post, content, collected, 2)
  const { destroy } = keys
  keys.destroy = async (bucket) => {
    await destroy(bucket)
    if (bucket.startsWith("r1-")) throw new WatchlineError("engine_unavailable")
  }
  time.now = collected + 9 * day
  await assert.rejects(vault.expire(time.now), { code: "engine_unavailable" })
  assert.deepEqual(
    audit.written.map((event) => event.subject),
    ["r1-2026-11-23", "r2-2026-11-23"],
  )
})

test("text whose time is over neither opens nor is sealed, even where nobody ran the expiry", async () => {
  const { vault, time } = bench()
  const sealed = await vault.seal(post, content, collected, 1)
  time.now = collected + 3 * day
  assert.equal(await openOne(vault, sealed), "text_key_destroyed")
  await assert.rejects(vault.seal(post, content, collected, 1), { code: "text_key_destroyed" })
})

test("many buckets sealed into at once all open: no key is overwritten under a call that uses it", async () => {
  const { vault, keys } = bench()
  const days = Array.from({ length: 60 }, (_, index) => 1 + (index % 12))
  const seals = await Promise.all(days.map((retention) => vault.seal(post, content, collected, retention)))
  assert.equal(keys.stored.size, 12)
  for (const sealed of seals) assert.deepEqual(await openOne(vault, sealed), content)
})

test("a lone surrogate in a text costs that character, not the post", async () => {
  const { vault } = bench()
  const sealed = await vault.seal(post, { ...content, text: "cap \ud83c end" }, collected, 90)
  assert.deepEqual(await openOne(vault, sealed), { ...content, text: "cap \ufffd end" })
})

test("keyed digests differ by purpose and by workspace, and are stable within", () => {
  const { vault } = bench()
  const stranger = openTextVault({
    workspaceKey: new Uint8Array(32).fill(8),
    keys: memoryBucketKeys(),
    audit: memoryAuditLog(),
    clock: () => collected,
  })
  const digests = [
    vault.digest("pseudonym", "gardener"),
    vault.digest("version", "gardener"),
    stranger.digest("pseudonym", "gardener"),
  ]
  assert.equal(new Set(digests).size, 3)
  assert.equal(vault.digest("pseudonym", "gardener"), digests[0])
  for (const digest of digests) assert.match(digest, /^[0-9a-f]{64}$/)
})

test("a closed vault refuses to work rather than seal under an overwritten key", async () => {
  const { vault } = bench()
  const sealed = await vault.seal(post, content, collected, 90)
  vault.close()
  await assert.rejects(vault.seal(post, content, collected, 90), /closed/)
  await assert.rejects(vault.open([{ recordId: post, sealed }], opening), /closed/)
  assert.throws(() => vault.digest("pseudonym", "gardener"), /closed/)
})
