import assert from "node:assert/strict"
import { test } from "node:test"
import type { Collectable, Mandate } from "../../src/model/mandate.ts"
import { type Collected, recordGate } from "../../src/stages/record-gate.ts"
import { testGate } from "../support/test-mandate.ts"

const start = "2026-01-01T00:00:00.000Z"
const expiry = "2026-02-01T00:00:00.000Z"

function gateOver(collect: Collectable[]) {
  const { id, mandate } = testGate(["gnome.onion"], { collect, start, expiry })
  const check = recordGate(async (named): Promise<Mandate | undefined> => (named === id ? mandate : undefined))
  const record: Collected = { mandate: id, at: "2026-01-15T00:00:00.000Z", urls: [], needs: [] }
  return { allows: (more: Partial<Collected>) => check({ ...record, ...more }) }
}

const refused = { code: "record_outside_mandate" }

test("a record is kept only under a registered mandate, within its time and on its hosts", async () => {
  const { allows } = gateOver(["posts"])
  await allows({ urls: ["http://gnome.onion/viewtopic.php?t=1"] })
  for (const at of [start, expiry]) await allows({ at })
  await assert.rejects(allows({ mandate: "0".repeat(64) }), refused)
  await assert.rejects(allows({ at: "2025-12-31T23:59:59.999Z" }), refused)
  await assert.rejects(allows({ at: "2026-02-01T00:00:00.001Z" }), refused)
  await assert.rejects(allows({ urls: ["http://gnome.onion/", "http://elsewhere.example/"] }), refused)
  await assert.rejects(allows({ urls: ["no address"] }), refused)
})

test("a record that keeps what its mandate does not allow to be kept is refused", async () => {
  await gateOver(["posts"]).allows({ needs: ["posts"] })
  await assert.rejects(gateOver(["posts"]).allows({ needs: ["posts", "text"] }), {
    ...refused,
    message: /does not allow text to be kept/,
  })
  await assert.rejects(gateOver(["posts", "text"]).allows({ needs: ["fingerprints"] }), refused)
  await assert.rejects(gateOver(["fingerprints"]).allows({ needs: ["posts"] }), refused)
})
