import { MessageChannel } from "node:worker_threads"
import { Piscina } from "piscina"
import type { ImageFormat } from "../container/format.ts"
import type { NoVerification, Verification } from "./verification.ts"
import type { VerifierTask } from "./verifier-worker.ts"

export interface C2paVerifierOptions {
  /** Certificates (PEM) that a chain may lead to; without any no chain is trusted. */
  readonly trustAnchors?: string
  /** From the start of a verification, not counting the wait for its turn and for its worker. */
  readonly timeoutMs?: number
  /** The module that runs in the worker; tests put one here that fails. */
  readonly worker?: URL
}

/**
 * Checks the signatures of Content Credentials, one file at a time, in a thread of its own: a file that crashes or occupies the verifier
 * costs that file its verification and nothing else. Never rejects.
 *
 * `verify` takes ownership of `bytes`: they are moved to the worker and overwritten there.
 */
export interface C2paVerifier {
  verify(bytes: Uint8Array<ArrayBuffer>, format: ImageFormat): Promise<Verification | NoVerification>
  close(): Promise<void>
}

const mediaTypes: Readonly<Partial<Record<ImageFormat, string>>> = {
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  avif: "image/avif",
  heic: "image/heic",
  tiff: "image/tiff",
  svg: "image/svg+xml",
  jxl: "image/jxl",
}

/** Sources run as .ts, the published build as .js. */
const ownWorker = new URL(
  `./verifier-worker${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`,
  import.meta.url,
)
/** The module takes 40 ms and 20 MB to load, so it stays for a while. */
const idleMs = 30_000
/** For a new worker to load it, on a machine that has other things to do. */
const startMs = 20_000

/** Type of the description box that every store begins with (ISO/IEC 19566-5). */
const storeMark = Buffer.from("jumd")

/** May the file have a store of manifests? Packed ones, as JPEG XL can have, are not seen. */
export function holdsManifest(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(storeMark)
}

export function openC2paVerifier(options: C2paVerifierOptions = {}): C2paVerifier {
  const { trustAnchors = "", timeoutMs = 1500, worker = ownWorker } = options
  let pool: Piscina | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const verifyNow = async (work: Omit<VerifierTask, "started">): Promise<Verification | NoVerification> => {
    pool ??= new Piscina({
      filename: worker.href,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: idleMs,
      atomics: "disabled",
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
    })
    const abort = new AbortController()
    let timer = setTimeout(() => abort.abort(), startMs)
    const { port1, port2 } = new MessageChannel()
    port1.once("message", () => {
      clearTimeout(timer)
      timer = setTimeout(() => abort.abort(), timeoutMs)
    })
    try {
      const task: VerifierTask = { ...work, started: port2 }
      return await pool.run(task, { signal: abort.signal, transferList: [task.bytes.buffer, port2] })
    } catch {
      return { reason: abort.signal.aborted ? "verifier.timeout" : "verifier.crashed" }
    } finally {
      clearTimeout(timer)
      port1.close()
    }
  }
  return {
    async verify(bytes, format) {
      const mediaType = mediaTypes[format]
      if (!mediaType) return { reason: "verifier.unsupported" }
      const result = turn.then(() => verifyNow({ bytes, mediaType, trustAnchors }))
      turn = result
      return result
    },
    async close() {
      await turn
      await pool?.destroy()
    },
  }
}
