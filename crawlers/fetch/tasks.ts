import { WatchlineError } from "../../src/errors.ts"
import type { MandateGate } from "../mandate.ts"

/** Pages and pictures in progress, each with all its hops. */
export interface Tasks {
  /**
   * Runs `work` with a signal whose reason is a `WatchlineError`.
   *
   * Ends with `fetch_timeout` after `millis`, with `mandate_expired` at the mandate's expiry, with `interrupted` (or the signal's reason, if
   * it is one of ours) when the caller's signal fires or the tasks are closed.
   */
  run<T>(signal: AbortSignal | undefined, millis: number, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  close(): void
}

export function openTasks(gate: MandateGate): Tasks {
  const running = new Set<AbortController>()
  let closed = false

  return {
    async run(signal, millis, work) {
      const controller = new AbortController()
      const onAbort = () => controller.abort(ours(signal?.reason))
      if (closed || signal?.aborted) onAbort()
      signal?.addEventListener("abort", onAbort, { once: true })
      const timer = setTimeout(() => controller.abort(timeIsUp(gate, millis)), Math.min(millis, gate.remainingMs() + 1))
      running.add(controller)
      try {
        controller.signal.throwIfAborted()
        return await work(controller.signal)
      } finally {
        clearTimeout(timer)
        running.delete(controller)
        signal?.removeEventListener("abort", onAbort)
      }
    },
    close() {
      closed = true
      for (const controller of running) controller.abort(ours(undefined))
    },
  }
}

function timeIsUp(gate: MandateGate, millis: number): WatchlineError {
  try {
    gate.allowNow()
  } catch (error) {
    if (error instanceof WatchlineError) return error
  }
  return new WatchlineError("fetch_timeout", { message: `The address took longer than ${millis / 1000} s.` })
}

function ours(reason: unknown): WatchlineError {
  return reason instanceof WatchlineError
    ? reason
    : new WatchlineError("interrupted", { message: "The fetch was stopped." })
}
