import { readFileSync } from "node:fs"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"

/** Examines the files that it is given, verification included: the process that a test watches for packets. */
const pool = openExaminerPool({ workers: 1, verifierTimeoutMs: 30_000, c2paTrust: process.env.TRUST_LIST ?? "" })
const rows = []
for (const file of process.argv.slice(2)) {
  const { signals, c2pa, facts, error } = await pool.examine(new Uint8Array(readFileSync(file)))
  rows.push({ signals, c2pa, facts, error })
}
await pool.close()
process.stdout.write(JSON.stringify(rows))
