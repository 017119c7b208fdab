import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import type { Transform } from "node:stream"
import { describeError, WatchlineError } from "../../src/errors.ts"
import type { FetchLimits } from "../limits.ts"
import { type BodyMemory, bodyMemory } from "./body-memory.ts"
import { contentDecoder } from "./content-coding.ts"
import { type SocksAddress, type TorAgent, type TorRequestOptions, torAnswers, torUnreachable } from "./tor-agent.ts"

export interface ExchangeOptions {
  readonly agent: TorAgent
  readonly socks: SocksAddress
  readonly headers: Readonly<Record<string, string>>
  readonly limits: FetchLimits
  /** Its reason is a `WatchlineError` and becomes the exchange's. */
  readonly signal: AbortSignal
}

/** Status and headers of an answer; its body is read once or thrown away. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Unpacked. What was read of a body that fails is overwritten. */
  body(limit: number): Promise<Uint8Array<ArrayBuffer>>
  /** Throws the body away; a short one is read to its end, so that the connection can serve the next request. */
  discard(): Promise<void>
  /** Closes the connection with the body unread. */
  abort(): void
}

/**
 * One GET and its answer; no redirects, no cookies, no second try, but for a kept connection that the host had closed meanwhile.
 *
 * Errors: those of the agent; `fetch_timeout`, `fetch_interrupted`, `tor_unreachable`, `body_too_large`, `decompression_bomb`,
 * `http_refused`; the signal's reason.
 */
export async function exchange(url: URL, options: ExchangeOptions): Promise<Answer> {
  for (;;) {
    const attempt = begin(url, options)
    try {
      return await attempt.answer
    } catch (error) {
      // RFC 9112, 9.3.1: a GET on a kept connection that closes without a byte of answer may be sent again.
      if (attempt.request.reusedSocket && ["ECONNRESET", "EPIPE"].includes(describeError(error).code)) continue
      throw await explained(error, options.socks)
    }
  }
}

function begin(url: URL, options: ExchangeOptions): { request: ClientRequest; answer: Promise<Answer> } {
  const { agent, headers, limits } = options
  const watch = watchTime(options.signal)
  const send = url.protocol === "https:" ? requestHttps : requestHttp
  // Else the agent would find it out from a stack trace, for every request anew.
  agent.protocol = url.protocol
  const sent: TorRequestOptions = { agent, headers, maxHeaderSize: limits.headerBytes, abandon: watch.signal }
  const request = send(url, sent)
  const answer = new Promise<Answer>((resolve, reject) => {
    let response: IncomingMessage | undefined
    watch.signal.addEventListener("abort", () => {
      // Said here too: a request without a socket does not tell that it was destroyed.
      reject(watch.signal.reason)
      if (!response) watch.end()
      ;(response ?? request).destroy(watch.signal.reason)
    })
    watch.within(limits.connectMs, "No connection")
    request.once("socket", () => watch.within(limits.firstByteMs, "No answer"))
    request.once("response", (arrived) => {
      response = arrived
      watch.arrived()
      resolve(answerOf(response, watch, options))
    })
    // Stays: a request reports the end of a connection even when its answer is complete.
    request.on("error", (error) => {
      if (!response) watch.end()
      reject(error)
    })
  })
  request.end()
  return { request, answer }
}

interface Watch {
  /** Fires when the exchange is over before its time: cuts the handshake, the request and the body. Its reason is a `WatchlineError`. */
  readonly signal: AbortSignal
  /** Replaces the running timer. */
  within(millis: number, what: string): void
  /** The headers are there: from here on the body's speed counts. */
  arrived(): void
  cut(reason: WatchlineError): void
  end(): void
}

function watchTime(outer: AbortSignal): Watch {
  const controller = new AbortController()
  const onAbort = () => controller.abort(outer.reason)
  let timer: NodeJS.Timeout | undefined
  outer.addEventListener("abort", onAbort, { once: true })
  if (outer.aborted) onAbort()
  return {
    signal: controller.signal,
    within(millis, what) {
      clearTimeout(timer)
      const late = new WatchlineError("fetch_timeout", { message: `${what} within ${millis / 1000} s.` })
      timer = setTimeout(() => controller.abort(late), millis)
    },
    arrived: () => clearTimeout(timer),
    cut: (reason) => controller.abort(reason),
    end() {
      clearTimeout(timer)
      outer.removeEventListener("abort", onAbort)
    },
  }
}

function answerOf(response: IncomingMessage, watch: Watch, options: ExchangeOptions): Answer {
  const { limits, socks } = options
  // Before somebody reads the body, its end must not become an uncaught error.
  response.on("error", () => {})

  async function body(limit: number): Promise<Uint8Array<ArrayBuffer>> {
    let memory: BodyMemory | undefined
    let slow: NodeJS.Timeout | undefined
    try {
      const makeDecoder = contentDecoder(response.headers["content-encoding"])
      const announced = makeDecoder ? undefined : announcedLength(response)
      if (announced !== undefined && announced > limit) {
        throw new WatchlineError("body_too_large", {
          message: `The answer announces ${announced} bytes; ${limit} are allowed.`,
        })
      }
      memory = bodyMemory(limit, announced)
      const progress = { packed: 0, before: 0 }
      slow = setInterval(() => {
        if (progress.packed - progress.before < limits.slowBytes) {
          const rule = `${limits.slowBytes} bytes in ${limits.slowMs / 1000} s`
          watch.cut(new WatchlineError("fetch_timeout", { message: `The answer comes in at less than ${rule}.` }))
        }
        progress.before = progress.packed
      }, limits.slowMs)
      await gather(response, makeDecoder, memory, progress, limits)
      return memory.take()
    } catch (error) {
      memory?.wipe()
      response.destroy()
      throw await explained(watch.signal.aborted ? watch.signal.reason : error, socks)
    } finally {
      clearInterval(slow)
      watch.end()
    }
  }

  async function discard(): Promise<void> {
    const short = 64 * 1024
    try {
      const bytes = await body(short)
      bytes.fill(0)
    } catch {
      // Its connection is closed by now; the caller's reason for not wanting this body is the one that counts.
    }
  }

  function abort(): void {
    watch.end()
    response.destroy()
  }

  return { status: response.statusCode ?? 0, headers: response.headers, body, discard, abort }
}

/** Content-Length; Node's parser has refused what is no number or contradicts itself. */
function announcedLength(response: IncomingMessage): number | undefined {
  const header = response.headers["content-length"]
  return header === undefined ? undefined : Number(header)
}

/**
 * Brings the body into `memory`. Works on the data event, where each piece passes once and can be overwritten; reading in other ways joins
 * pieces into copies that nobody can reach.
 */
function gather(
  response: IncomingMessage,
  makeDecoder: ((first: Uint8Array) => Transform) | undefined,
  memory: BodyMemory,
  progress: { packed: number },
  limits: FetchLimits,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let decoder: Transform | undefined
  let failed = false

  function fail(error: unknown): void {
    if (failed) return
    failed = true
    reject(error)
    decoder?.destroy()
    for (let waiting = response.read(); waiting !== null; waiting = response.read()) waiting.fill(0)
    response.destroy()
  }
  function keep(bytes: Uint8Array): void {
    if (failed) return void bytes.fill(0)
    try {
      memory.append(bytes)
      if (makeDecoder) checkRatio(progress.packed, memory.length, limits)
    } catch (error) {
      fail(error)
    }
  }
  function unpack(chunk: Uint8Array): void {
    decoder ??= makeDecoder!(chunk).on("data", keep).on("error", fail).on("end", resolve)
    response.pause()
    decoder.write(chunk, () => {
      chunk.fill(0)
      response.resume()
    })
  }

  response.on("error", fail)
  response.on("close", () => {
    if (!response.readableEnded) fail(new Error("The connection closed before the end of the answer."))
  })
  response.on("end", () => (decoder ? decoder.end() : resolve()))
  response.on("data", (chunk: Buffer) => {
    progress.packed += chunk.length
    if (makeDecoder && !failed) unpack(chunk)
    else keep(chunk)
  })
  return promise
}

function checkRatio(packed: number, unpacked: number, limits: FetchLimits): void {
  if (unpacked <= limits.ratioFreeBytes || unpacked <= packed * limits.ratio) return
  throw new WatchlineError("decompression_bomb", {
    message: `The answer unpacks to more than ${limits.ratio} times its length.`,
  })
}

/** What a failure of socket, parser or decoder means to the crawl. */
async function explained(error: unknown, socks: SocksAddress): Promise<WatchlineError> {
  if (error instanceof WatchlineError) return error
  const { code } = describeError(error)
  if (code === "HPE_HEADER_OVERFLOW") {
    return new WatchlineError("body_too_large", {
      message: "The answer's headers are larger than the limit.",
      cause: error,
    })
  }
  if (code.startsWith("HPE_")) {
    return new WatchlineError("http_refused", { message: "What answers does not speak HTTP.", cause: error })
  }
  if (!(await torAnswers(socks))) return torUnreachable(socks, error)
  return new WatchlineError("fetch_interrupted", { cause: error })
}
