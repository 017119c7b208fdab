import assert from "node:assert/strict"
import { test } from "node:test"
import { bodyMemory } from "../../crawlers/fetch/body-memory.ts"

const zeros = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)

test("each piece of a body is overwritten once it is copied", () => {
  const memory = bodyMemory(100, undefined)
  const piece = Buffer.from("gnome")
  memory.append(piece)
  assert.ok(zeros(piece))
  assert.equal(Buffer.from(memory.take()).toString(), "gnome")
})

test("a body of whatever announced length ends in memory of exactly its length", () => {
  for (const announced of [undefined, 0, 10, 200_000, 1e12]) {
    const memory = bodyMemory(300_000, announced)
    for (let piece = 0; piece < 10; piece++) memory.append(new Uint8Array(20_000).fill(piece + 1))
    const bytes = memory.take()
    assert.deepEqual([bytes.length, bytes.buffer.byteLength], [200_000, 200_000])
    assert.deepEqual([bytes[0], bytes[19_999], bytes[20_000], bytes.at(-1)], [1, 1, 2, 10])
  }
})

test("a piece beyond the limit is refused and overwritten", () => {
  const memory = bodyMemory(10, undefined)
  memory.append(new Uint8Array(10).fill(1))
  const piece = Buffer.from("x")
  assert.throws(() => memory.append(piece), { code: "body_too_large" })
  assert.ok(zeros(piece))
})

test("wiping overwrites what was gathered", () => {
  const memory = bodyMemory(5, 5)
  memory.append(Buffer.from("gnome"))
  const held = memory.take()
  memory.wipe()
  assert.ok(zeros(held))
})
