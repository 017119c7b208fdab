import { connect } from "node:tls"
import { errors } from "@elastic/elasticsearch"
import { WatchlineError } from "../../errors.ts"

/** What a bulk answer says of an item that was not written. */
export interface ItemFailure {
  readonly status: number
  readonly type: string
  readonly reason: string
}

/** Any failed request as an error of ours; what is our own fault comes back as it was. */
export function elasticError(error: unknown): unknown {
  if (error instanceof errors.ResponseError) return answered(error)
  if (error instanceof errors.RequestAbortedError || error instanceof errors.TimeoutError) {
    return away("it does not answer in time", error)
  }
  if (isUnconnected(error)) return away(networkCode(error) ?? "no connection", error)
  return error
}

export function isUnconnected(error: unknown): error is Error {
  return error instanceof errors.ConnectionError || error instanceof errors.NoLivingConnectionsError
}

/**
 * Why a node's certificate is refused, as Node names it; undefined where it is trusted or nobody answers. The client tells this in words
 * only.
 */
export function certificateProblem(node: string, ca: string | undefined): Promise<string | undefined> {
  const { protocol, hostname, port } = new URL(node)
  if (protocol !== "https:") return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 443), servername: hostname, ...(ca ? { ca } : {}) })
    socket.setTimeout(5000, () => socket.destroy())
    socket.once("secureConnect", () => socket.destroy())
    socket.once("error", (error) => {
      const { code = "" } = error as NodeJS.ErrnoException
      resolve(/CERT|^UNABLE_TO|^ERR_TLS|^HOSTNAME/.test(code) ? code : undefined)
    })
    socket.once("close", () => resolve(undefined))
  })
}

export function untrusted(code: string, cause: unknown): WatchlineError {
  return new WatchlineError("config_invalid", {
    message: `Elasticsearch's certificate is not trusted (${code}).`,
    remedy: "Set elastic.caFile to the certificate of the authority that signed it, and use a name that it certifies.",
    cause,
  })
}

function answered(error: errors.ResponseError): unknown {
  const status = error.statusCode ?? 0
  const type = error.body?.error?.type ?? ""
  return statusError(status, type, error) ?? error
}

/** Undefined where the status says nothing about the engine itself. */
function statusError(status: number, type: string, cause?: unknown): WatchlineError | undefined {
  if (type === "cluster_block_exception" && status === 429) {
    return new WatchlineError("disk_full", {
      message: "Elasticsearch's disk is over its flood stage: it takes no more writes.",
      remedy: "Free or add disk on its nodes; Elasticsearch then lifts the block itself, and the work goes on.",
      cause,
    })
  }
  if (type === "cluster_block_exception" && status === 403) {
    return new WatchlineError("engine_unavailable", {
      message: "Elasticsearch's index is blocked for writing.",
      remedy: "It is being migrated, or somebody set the block; lift it (index.blocks.*: null), and the work goes on.",
      cause,
    })
  }
  if (status === 401 || status === 403) {
    return new WatchlineError("config_invalid", {
      message:
        status === 401 ? "Elasticsearch does not know this key or account." : "This key or account may not do that.",
      remedy:
        "Set elastic.apiKey, or elastic.user and elastic.password, to one with the rights in infra/elastic/rights.json.",
      cause,
    })
  }
  if (type === "index_not_found_exception") {
    return new WatchlineError("store_damaged", {
      message: "An index of Watchline is missing in Elasticsearch.",
      remedy: "Restore it from a snapshot; `watchline index install` makes what is missing anew, empty.",
      cause,
    })
  }
  if (status === 429 || status === 408 || status >= 500) return away(`it answers ${status}`, cause)
  return undefined
}

/** The error of one record. Elasticsearch's reason may quote the value, so only its type and the field's name are told. */
export function itemError(what: string, { status, type, reason }: ItemFailure): WatchlineError {
  const general = statusError(status, type)
  if (general) return general
  const field = /\[([A-Za-z.]{1,40})\]/.exec(reason)?.[1]
  return new WatchlineError("record_invalid", { message: `${what}: ${type}${field ? ` at ${field}` : ""}` })
}

/** Whether a request failed because what it asked for is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof errors.ResponseError && error.statusCode === 404
}

/** Whether somebody else has written in between, or the document is there already. */
export function isConflict(error: unknown): boolean {
  return error instanceof errors.ResponseError && error.statusCode === 409
}

export function away(why: string, cause?: unknown): WatchlineError {
  return new WatchlineError("engine_unavailable", {
    message: `Elasticsearch is not available: ${why}.`,
    remedy: "Start it, or set elastic.nodes to where it runs; `watchline doctor` says which engine is missing.",
    cause,
  })
}

/** For people: the client keeps the code in its message only. */
function networkCode(error: Error): string | undefined {
  return /\bE[A-Z]{4,}\b/.exec(error.message)?.[0]
}
