import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import { planForum } from "./forum-plan.ts"
import { serveForum } from "./forum-server.ts"
import { makePictures } from "./pictures.ts"
import type { ForumPlan } from "./planned-forum.ts"
import { startTorNetwork } from "./tor-network.ts"

export interface DemoWorldProgress {
  onTor?: (step: string) => void
  onPicture?: (made: number, total: number) => void
}

/** A forum on an onion service in a private Tor network, all on loopback. */
export interface DemoWorld {
  readonly plan: ForumPlan
  readonly pictures: ReadonlyMap<string, Uint8Array>
  /** "….onion" */
  readonly onion: string
  readonly socks: { readonly host: string; readonly port: number }
  readonly server: Awaited<ReturnType<typeof serveForum>>
  stop(): Promise<void>
}

/** Starts Tor and makes the pictures at the same time; leaves nothing behind when either fails. */
export async function startDemoWorld(options: {
  readonly directory: string
  readonly seed: number
  readonly signal: AbortSignal
  readonly progress?: DemoWorldProgress
}): Promise<DemoWorld> {
  const { directory, seed, signal, progress = {} } = options
  const plan = planForum(seed)
  const port = await freePort()
  const failed = new AbortController()
  const until = AbortSignal.any([signal, failed.signal])
  const abortOthers = (error: unknown) => {
    failed.abort()
    throw error
  }
  const starting = startTorNetwork({
    directory,
    onions: [{ name: "forum", targetPort: port }],
    signal: until,
    onProgress: (step) => progress.onTor?.(step),
  })
  const serving = (async () => {
    const pictures = await makePictures(plan, {
      onProgress: (made, total) => {
        until.throwIfAborted()
        progress.onPicture?.(made, total)
      },
    })
    return { pictures, server: await serveForum(plan, pictures, { port, host: "127.0.0.1" }) }
  })()
  const [network, forum] = await Promise.allSettled([starting.catch(abortOthers), serving.catch(abortOthers)])
  const stop = async () => {
    if (forum.status === "fulfilled") await forum.value.server.close()
    if (network.status === "fulfilled") await network.value.stop()
  }
  if (network.status === "rejected" || forum.status === "rejected") {
    await stop()
    throw network.status === "rejected" ? network.reason : (forum as PromiseRejectedResult).reason
  }
  return {
    plan,
    ...forum.value,
    onion: network.value.onions.get("forum")!,
    socks: network.value.socks,
    stop,
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
