import { execFile } from "node:child_process"
import { suite } from "node:test"
import { promisify } from "node:util"
import { auditLogContract } from "./audit-log.contract.ts"
import { bucketKeysContract } from "./bucket-keys.contract.ts"
import { decisionsContract, forumsContract, listVersionsContract, mandatesContract } from "./case-file.contract.ts"
import { clustersContract } from "./clusters.contract.ts"
import { eventLogContract } from "./event-log.contract.ts"
import { findingsContract } from "./findings.contract.ts"
import { findingsWriterContract } from "./findings-writer.contract.ts"
import { frontierContract } from "./frontier.contract.ts"
import { knownHashesContract } from "./known-hashes.contract.ts"
import { sqliteBench } from "./sqlite-bench.ts"

const leaseMs = 20_000

suite("event log over SQLite", () => {
  eventLogContract(async (t) => {
    const { stores, open, pass, start } = await sqliteBench(t)
    return {
      log: stores.eventLog,
      another: async () => open().eventLog,
      leaseOver: async () => pass(leaseMs + 1),
      start,
    }
  })
})

suite("frontier over SQLite", () => {
  frontierContract(async (t) => {
    const { stores, open, start } = await sqliteBench(t)
    const withRoom = async (pagesOfForum: number) => open({ pagesOfForum }).frontier
    return { frontier: stores.frontier, another: async () => open().frontier, leaseMs, attempts: 5, withRoom, start }
  })
})

suite("findings index over SQLite", () => {
  findingsWriterContract(async (t) => (await sqliteBench(t)).stores)
  findingsContract(async (t) => (await sqliteBench(t)).stores)
})

suite("clusters over SQLite", () => {
  clustersContract(async (t) => {
    const { stores, open } = await sqliteBench(t)
    return { clusters: stores.clusters, another: async () => open().clusters }
  })
})

suite("clusters of guides over SQLite", () => {
  clustersContract(async (t) => {
    const { stores, open } = await sqliteBench(t)
    return { clusters: stores.guideClusters, another: async () => open().guideClusters }
  })
})

suite("known hashes over SQLite", () => {
  knownHashesContract(async (t) => {
    const { stores, open, pass } = await sqliteBench(t)
    return { known: stores.known, another: async () => open().known, pass }
  })
})

suite("case file over SQLite", () => {
  mandatesContract(async (t) => (await sqliteBench(t)).stores.mandates)
  forumsContract(async (t) => (await sqliteBench(t)).stores.forums)
  decisionsContract(async (t) => (await sqliteBench(t)).stores.decisions)
  listVersionsContract(async (t) => (await sqliteBench(t)).stores.listVersions)
  auditLogContract(async (t) => {
    const { stores, start } = await sqliteBench(t)
    return { audit: stores.audit, start }
  })
  bucketKeysContract(async (t) => {
    const { stores, open, directory } = await sqliteBench(t)
    return {
      keys: stores.bucketKeys,
      another: async () => open().bucketKeys,
      // In another process: closing a file here would drop the locks that SQLite holds in this one.
      async onDisk(bytes) {
        const script = `const { readdirSync, readFileSync } = require("node:fs"), [dir, hex] = process.argv.slice(1)
          console.log(readdirSync(dir).some((name) => readFileSync(dir + "/" + name).includes(Buffer.from(hex, "hex"))))`
        const hex = Buffer.from(bytes).toString("hex")
        const { stdout } = await promisify(execFile)(process.execPath, ["-e", script, directory, hex])
        return stdout.trim() === "true"
      },
    }
  })
})
