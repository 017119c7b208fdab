import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import type { BucketKeys } from "../../src/ports/text-vault.ts"

const key = (byte: number) => new Uint8Array(60).fill(byte)

export interface BucketKeysBench {
  readonly keys: BucketKeys
  /** The same storage as another process would open it. */
  another(): Promise<BucketKeys>
  /** Whether these bytes stand anywhere on the disk of the engine, read without going through it. */
  onDisk?(bytes: Uint8Array): Promise<boolean>
}

export function bucketKeysContract(open: (t: TestContext) => Promise<BucketKeysBench>): void {
  test("a bucket's key is made once and kept, whoever asks", async (t) => {
    const { keys, another } = await open(t)
    assert.equal(await keys.get("2026-05"), undefined)
    assert.deepEqual(await keys.getOrCreate("2026-05", () => key(1)), key(1))
    const other = await another()
    assert.deepEqual(await other.getOrCreate("2026-05", () => assert.fail("there is a key")), key(1))
    assert.deepEqual(await other.get("2026-05"), key(1))
    await other.getOrCreate("2026-06", () => key(2))
    assert.deepEqual(await keys.buckets(), ["2026-05", "2026-06"])
  })

  test("a destroyed bucket stays destroyed for everybody and gets no other key", async (t) => {
    const { keys, another } = await open(t)
    await keys.getOrCreate("2026-05", () => key(1))
    await keys.getOrCreate("2026-06", () => key(2))
    const other = await another()
    await keys.destroy("2026-05")
    await keys.destroy("2026-05")
    await keys.destroy("2026-07")
    for (const view of [keys, other]) {
      assert.equal(await view.get("2026-05"), undefined)
      await assert.rejects(
        view.getOrCreate("2026-05", () => key(3)),
        { code: "text_key_destroyed" },
      )
      await assert.rejects(
        view.getOrCreate("2026-07", () => key(3)),
        { code: "text_key_destroyed" },
      )
      assert.deepEqual(await view.buckets(), ["2026-06"])
      assert.deepEqual(await view.get("2026-06"), key(2))
    }
  })

  test("a destroyed key's bytes are gone from the disk", async (t) => {
    const { keys, onDisk } = await open(t)
    if (!onDisk) return
    const doomed = crypto.getRandomValues(new Uint8Array(60))
    const kept = crypto.getRandomValues(new Uint8Array(60))
    for (let n = 0; n < 40; n++) await keys.getOrCreate(`before ${n}`, () => key(n))
    await keys.getOrCreate("doomed", () => doomed)
    await keys.getOrCreate("kept", () => kept)
    assert.equal(await onDisk(doomed), true)
    await keys.destroy("doomed")
    assert.equal(await onDisk(doomed), false)
    assert.equal(await onDisk(kept), true)
  })
}
