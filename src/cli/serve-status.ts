import { type Metrics, openMetrics } from "../operations/metrics.ts"
import { type Need, openStatusServer } from "../operations/status-server.ts"
import type { System } from "../system.ts"

export interface ServedStatus {
  readonly metrics: Metrics
  close(): Promise<void>
}

/**
 * What this process counts, served where `status.listen` says so. Ready means that the stores answer, and what else the command needs.
 *
 * @param options.needs beside the stores
 */
export async function serveStatus(system: System, options: { readonly needs: readonly Need[] }): Promise<ServedStatus> {
  const metrics = openMetrics()
  const { listen } = system.config.status
  if (!listen) return { metrics, async close() {} }
  const needs: Need[] = [
    { name: "event log", check: async () => void (await system.eventLog.lag("store", ["posts"])) },
    { name: "index", check: async () => void (await system.findings.alarms({ from: "9999-01-01T00:00:00.000Z" })) },
    ...options.needs,
  ]
  const server = await openStatusServer(listen, { metrics, needs })
  system.log.info("status is served", { url: server.url })
  return { metrics, close: () => server.close() }
}
