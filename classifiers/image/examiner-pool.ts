import { createHash } from "node:crypto"
import { availableParallelism } from "node:os"
import { Piscina } from "piscina"
import { WatchlineError } from "../../src/errors.ts"
import type { ExaminedAttachment } from "../../src/model/attachment.ts"
import type { Examination } from "../../src/model/fingerprint.ts"
import type { ExaminerLoad, ImageExaminer } from "../../src/ports/image-examiner.ts"
import { holdsManifest, openC2paVerifier } from "./c2pa/verifier.ts"
import { withVerification } from "./c2pa/with-verification.ts"
import { formatOf } from "./container/format.ts"
import { type DecodeLimits, defaultDecodeLimits, examinerVersion } from "./examiner-limits.ts"
import type { ExaminerTask } from "./examiner-worker.ts"
import { readPixelModel } from "./pixel/read-manifest.ts"

export interface ExaminerPoolOptions {
  /** Threads that examine; each decodes one picture at a time. Without: one less than the cores, since a crawl needs one, up to four. */
  readonly workers?: number
  /** From the start of an examination, not counting the wait for a worker. */
  readonly timeoutMs?: number
  /** JavaScript heap of a worker; a file that needs more ends its worker. Pixels lie outside it. */
  readonly maxOldSpaceMb?: number
  readonly limits?: Partial<DecodeLimits>
  /** Key of the workspace for digests of prompts; without one only their length is kept. */
  readonly promptKey?: Uint8Array
  /** Certificates (PEM) that Content Credentials may lead to; without any, none is trusted. */
  readonly c2paTrust?: string
  /** Manifests of models that look at pixels; at most two. Their files are checked at once, their answers in the workers. */
  readonly models?: readonly string[]
  /** The modules that run in the workers; tests put some here that fail. */
  readonly worker?: URL
  readonly verifierWorker?: URL
  readonly verifierTimeoutMs?: number
}

/** Sources run as .ts, the published build as .js. */
const ownWorker = new URL(
  `./examiner-worker${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`,
  import.meta.url,
)
const idleMs = 10_000

/**
 * Examines images in worker threads, so that a file that crashes or occupies its reader costs one worker and one image. Workers start
 * when needed and end when idle. More calls than workers wait in order; how many may wait is the caller's to bound.
 */
export function openExaminerPool(options: ExaminerPoolOptions = {}): ImageExaminer {
  const { workers = defaultWorkers(), timeoutMs = 30_000, maxOldSpaceMb = 128, worker = ownWorker } = options
  const { promptKey, c2paTrust = "", models = [] } = options
  for (const manifest of models) readPixelModel(manifest)
  const limits: DecodeLimits = { ...defaultDecodeLimits, ...options.limits }
  const pool = new Piscina({
    filename: worker.href,
    minThreads: 0,
    maxThreads: workers,
    idleTimeout: idleMs,
    atomics: "disabled",
    resourceLimits: { maxOldGenerationSizeMb: maxOldSpaceMb, maxYoungGenerationSizeMb: 4 },
  })
  const turns = new Turns(workers)
  const verifier = openC2paVerifier({
    trustAnchors: c2paTrust,
    ...(options.verifierWorker ? { worker: options.verifierWorker } : {}),
    ...(options.verifierTimeoutMs ? { timeoutMs: options.verifierTimeoutMs } : {}),
  })
  const trustList = c2paTrust ? createHash("sha256").update(c2paTrust).digest("hex").slice(0, 16) : "none"

  const examineNow = async (bytes: Uint8Array<ArrayBuffer>): Promise<Examination> => {
    const own = ownBuffer(bytes)
    // Verified beside its examination, from a copy that is overwritten as well.
    const verification = holdsManifest(own) ? verifier.verify(own.slice(), formatOf(own)) : undefined
    const examination = (await readNow("picture", own)) as Examination
    return verification ? withVerification(examination, await verification, trustList) : examination
  }

  const readNow = async (of: ExaminerTask["of"], own: Uint8Array<ArrayBuffer>): Promise<unknown> => {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), timeoutMs)
    try {
      const task: ExaminerTask = { of, bytes: own, limits, promptKey, models }
      return await pool.run(task, { signal: abort.signal, transferList: [own.buffer] })
    } catch (cause) {
      if (abort.signal.aborted)
        throw new WatchlineError("examiner_timeout", { message: `No result within ${timeoutMs} ms.` })
      throw new WatchlineError("examiner_crashed", { cause })
    } finally {
      clearTimeout(timer)
    }
  }
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await turns.take()
    try {
      return await work()
    } finally {
      turns.giveBack()
    }
  }
  return {
    version: examinerVersion,
    examine: (bytes) => inTurn(() => examineNow(bytes)),
    examineAttachment: (bytes) =>
      inTurn(async () => (await readNow("attachment", ownBuffer(bytes))) as ExaminedAttachment),
    load: () => turns.load(),
    async close() {
      await turns.allBack()
      await Promise.all([pool.destroy(), verifier.close()])
    },
  }
}

function defaultWorkers(): number {
  return Math.max(1, Math.min(4, availableParallelism() - 1))
}

/** The whole of a buffer, as moving needs it; a part of a larger one is copied out and overwritten there. */
function ownBuffer(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength === bytes.buffer.byteLength) return bytes
  const own = bytes.slice()
  bytes.fill(0)
  return own
}

/** Keeps the pool's own queue empty: a time limit then counts from the start of the work. */
class Turns {
  readonly #all: number
  #free: number
  readonly #waiting: (() => void)[] = []
  #whenAllBack: (() => void) | undefined

  constructor(count: number) {
    this.#all = count
    this.#free = count
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  giveBack(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else if (++this.#free === this.#all) this.#whenAllBack?.()
  }

  load(): ExaminerLoad {
    return { busy: this.#all - this.#free, waiting: this.#waiting.length, workers: this.#all }
  }

  async allBack(): Promise<void> {
    if (this.#free < this.#all) await new Promise<void>((resolve) => (this.#whenAllBack = resolve))
  }
}
