import { glob, readFile } from "node:fs/promises"
import { join } from "node:path"
import { suite } from "node:test"
import { auditLogContract } from "./audit-log.contract.ts"
import { bucketKeysContract } from "./bucket-keys.contract.ts"
import { decisionsContract, forumsContract, listVersionsContract, mandatesContract } from "./case-file.contract.ts"
import { clustersContract } from "./clusters.contract.ts"
import { elasticServer } from "./elastic-bench.ts"
import { findingsContract } from "./findings.contract.ts"
import { findingsWriterContract } from "./findings-writer.contract.ts"
import { frontierContract } from "./frontier.contract.ts"
import { knownHashesContract } from "./known-hashes.contract.ts"

const leaseMs = 20_000
const { bench, server } = elasticServer()

suite("frontier over Elasticsearch", () => {
  frontierContract(async (t) => {
    const { stores, open, start } = await bench(t)
    const withRoom = async (pagesOfForum: number) => open({ pagesOfForum }).frontier
    const another = async () => open().frontier
    return { frontier: stores.frontier, another, leaseMs, attempts: 5, withRoom, start, manyPages: 300 }
  })
})

suite("findings index over Elasticsearch", () => {
  findingsWriterContract(async (t) => (await bench(t)).stores)
  findingsContract(async (t) => (await bench(t)).stores)
})

suite("clusters over Elasticsearch", () => {
  clustersContract(async (t) => {
    const { stores, open } = await bench(t)
    return { clusters: stores.clusters, another: async () => open().clusters }
  })
})

suite("clusters of guides over Elasticsearch", () => {
  clustersContract(async (t) => {
    const { stores, open } = await bench(t)
    return { clusters: stores.guideClusters, another: async () => (await open()).guideClusters }
  })
})

suite("known hashes over Elasticsearch", () => {
  knownHashesContract(async (t) => {
    const { stores, open, pass } = await bench(t)
    return { known: stores.known, another: async () => open().known, pass }
  })
})

suite("case file over Elasticsearch", () => {
  mandatesContract(async (t) => (await bench(t)).stores.mandates)
  forumsContract(async (t) => (await bench(t)).stores.forums)
  decisionsContract(async (t) => (await bench(t)).stores.decisions)
  listVersionsContract(async (t) => (await bench(t)).stores.listVersions)
  auditLogContract(async (t) => {
    const { stores, start } = await bench(t)
    return { audit: stores.audit, start }
  })
  bucketKeysContract(async (t) => {
    const { stores, open } = await bench(t)
    return {
      keys: stores.bucketKeys,
      another: async () => open().bucketKeys,
      onDisk: (bytes) => filesHold(join(server().directory, "data"), Buffer.from(bytes).toString("base64")),
    }
  })
})

async function filesHold(folder: string, text: string): Promise<boolean> {
  for await (const file of glob(join(folder, "**/*"), { withFileTypes: true })) {
    if (!file.isFile()) continue
    const bytes = await readFile(join(file.parentPath, file.name)).catch(() => undefined) // merged away meanwhile
    if (bytes?.includes(text)) return true
  }
  return false
}
