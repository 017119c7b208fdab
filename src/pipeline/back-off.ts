import { setTimeout as sleep } from "node:timers/promises"
import type { Log } from "../log.ts"
import type { Stage } from "./stage.ts"

const pauseMs = { first: 200, most: 30_000 }

/** A jittered pause that doubles with every round, in milliseconds. */
export function pauseOf(round: number, random: () => number): number {
  return Math.min(pauseMs.most, pauseMs.first * 2 ** round) * (0.5 + random())
}

interface BackOffOptions {
  readonly log: Log
  /** 0 to below 1. */
  readonly random: () => number
  /** Ends the pause. */
  readonly signal: AbortSignal
}

/** Says why the stage waits, and does. */
export async function backOff(event: string, stage: Stage, round: number, options: BackOffOptions): Promise<void> {
  options.log.warn(event, { stage: stage.name, round })
  await sleep(pauseOf(round, options.random), undefined, { signal: options.signal }).catch(() => {})
}
