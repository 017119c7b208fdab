import { WatchlineError } from "../../src/errors.ts"
import type { TorControl } from "./control-client.ts"

export interface TorProgress {
  /** 0 to 100. */
  readonly percent: number
  /** Tor's own words for the phase, e.g. "Loading relay descriptors". */
  readonly summary: string
}

/** The bootstrap phase as `GETINFO status/bootstrap-phase` and STATUS_CLIENT events write it (control-spec, 4.1.10). */
export function readBootstrap(
  text: string,
): (TorProgress & { readonly warning?: string; readonly reason?: string }) | undefined {
  const percent = /\bPROGRESS=(\d+)/.exec(text)?.[1]
  if (!/\bBOOTSTRAP\b/.test(text) || percent === undefined) return undefined
  const summary = /\bSUMMARY="([^"]*)"/.exec(text)?.[1] ?? ""
  const warning = /\bWARNING="([^"]*)"/.exec(text)?.[1]
  const reason = /\bREASON=(\w+)/.exec(text)?.[1]
  return { percent: Number(percent), summary, ...(warning ? { warning } : {}), ...(reason ? { reason } : {}) }
}

/**
 * Watches a bootstrap to its end.
 *
 * @param options.stallMs how long it may stay at one percentage; default 90,000
 * Errors: `tor_not_ready` with percentage, phase and Tor's last warning; `tor_unreachable` where Tor ends; the signal's reason.
 */
export async function followBootstrap(
  control: TorControl,
  options: {
    readonly stallMs?: number | undefined
    readonly onProgress?: ((progress: TorProgress) => void) | undefined
    readonly signal?: AbortSignal | undefined
  },
): Promise<void> {
  const { signal, stallMs = 90_000 } = options
  signal?.throwIfAborted()
  let last: TorProgress = { percent: -1, summary: "Starting" }
  let trouble: { warning: string; reason: string } | undefined
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // Where sending fails first, nobody waits for this one.
  promise.catch(() => undefined)
  const stalled = () => reject(notReady(last, trouble))
  let timer = setTimeout(stalled, stallMs)
  const aborted = () => reject(signal?.reason)

  function take(name: string, text: string): void {
    const skew = /\bCLOCK_SKEW\b.*\bSKEW=(-?\d+)/.exec(text)?.[1]
    if (skew)
      trouble = { warning: `this machine's clock differs by ${Math.abs(Number(skew))} seconds`, reason: "CLOCK_SKEW" }
    const phase = name === "STATUS_CLIENT" ? readBootstrap(text) : undefined
    if (!phase) return
    if (phase.warning) trouble = { warning: phase.warning, reason: phase.reason ?? "" }
    if (phase.percent <= last.percent) return
    last = { percent: phase.percent, summary: phase.summary }
    options.onProgress?.(last)
    clearTimeout(timer)
    timer = setTimeout(stalled, stallMs)
    if (phase.percent >= 100) resolve()
  }

  signal?.addEventListener("abort", aborted)
  void control.closed.then(() =>
    reject(
      new WatchlineError("tor_unreachable", {
        message: "Tor ended while it was connecting.",
        remedy: "Start it again.",
      }),
    ),
  )
  try {
    control.onEvent(take)
    await control.send("SETEVENTS STATUS_CLIENT STATUS_GENERAL")
    take("STATUS_CLIENT", await control.getInfo("status/bootstrap-phase"))
    await promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener("abort", aborted)
  }
}

function notReady(at: TorProgress, trouble?: { warning: string; reason: string }): WatchlineError {
  const why = trouble ? ` Tor's reason: ${trouble.warning}.` : ""
  return new WatchlineError("tor_not_ready", {
    message: `Tor is stuck at ${Math.max(0, at.percent)} % (${at.summary || "starting"}).${why}`,
    remedy: remedyFor(at.percent, trouble?.reason),
  })
}

function remedyFor(percent: number, reason: string | undefined): string {
  if (reason === "CLOCK_SKEW") return "Set this machine's clock and time zone right, then try again."
  if (percent < 15) {
    return "Look whether this machine may reach the internet; where a firewall or country blocks Tor, set up a bridge in an external tor and name it with WATCHLINE_TOR_SOCKS."
  }
  return "The connection to Tor is slow or is being cut; wait and try again, or use another network or a bridge."
}
