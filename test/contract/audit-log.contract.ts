import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import type { AuditEvent } from "../../src/model/audit-event.ts"
import type { AuditLog } from "../../src/ports/audit-log.ts"
import { verifyChain } from "../../src/sealing/audit-chain.ts"
import { day } from "./records.ts"
import type { WorkerProcess, WorkerTask } from "./worker-process.ts"

export interface AuditLogBench {
  readonly audit: AuditLog
  start(task: WorkerTask, name: string, count: number): WorkerProcess
}

export function auditLogContract(open: (t: TestContext) => Promise<AuditLogBench>): void {
  test("events come back in order, as one chain that can be verified", async (t) => {
    const { audit } = await open(t)
    assert.deepEqual(await verifyChain(audit.events()), { ok: true, count: 0 })
    const appended: AuditEvent[] = []
    for (let count = 0; count < 3; count++) {
      appended.push(
        await audit.append({ actor: "ann", action: "text.open", subject: "s", reason: "r", count, at: day(1) }),
      )
    }
    appended.push(await audit.append({ actor: "bob", action: "mandate.sign", at: day(2) }))
    assert.deepEqual(await Array.fromAsync(audit.events()), appended)
    assert.deepEqual(await verifyChain(audit.events()), { ok: true, count: 4, head: appended[3]!.id })
  })

  test("an entry that no audit event can hold is refused and leaves no gap", async (t) => {
    const { audit } = await open(t)
    await assert.rejects(audit.append({ actor: "", action: "text.open", at: day(1) }), { code: "record_invalid" })
    assert.equal((await audit.append({ actor: "ann", action: "text.open", at: day(1) })).sequence, 1)
  })

  test("a long log is read to its end", async (t) => {
    const { audit } = await open(t)
    for (let n = 0; n < 1100; n++) await audit.append({ actor: "ann", action: "gnome.count", at: day(1) })
    const verdict = await verifyChain(audit.events())
    assert.deepEqual([verdict.ok, verdict.ok && verdict.count], [true, 1100])
  })

  test("several processes write one chain", async (t) => {
    const { audit, start } = await open(t)
    const writers = ["ann", "bob", "eve"].map((name) => start("audit", name, 30))
    const ids = (await Promise.all(writers.map((writer) => writer.done))).flat()
    const verdict = await verifyChain(audit.events())
    assert.deepEqual([verdict.ok, verdict.ok && verdict.count], [true, 90])
    const stored = (await Array.fromAsync(audit.events())).map((event) => event.id)
    assert.deepEqual(stored.sort(), ids.sort())
  })
}
