import { setTimeout as sleep } from "node:timers/promises"
import type { Clock } from "../src/model/record.ts"

export interface PolitenessRules {
  /** Pause between page requests, in milliseconds, and the share by which it varies. */
  readonly delayMs: number
  readonly jitter: number
  /** Pictures in flight at once. */
  readonly pictures: number
  /** Hours of the day (UTC) in which the forum is visited, `6-22`; a range may pass midnight; empty: always. */
  readonly activeHours: string
}

/** How one process behaves towards one forum. Across processes it holds because the frontier gives a site to one worker at a time. */
export interface Politeness {
  /** When pages may be asked for again: now inside the active hours, else their next start, in milliseconds since 1970. */
  opensAt(): number
  /** Waits for the pause between pages. */
  pageTurn(signal: AbortSignal): Promise<void>
  /** Runs the work when a place for a picture is free. */
  pictureTurn<T>(work: () => Promise<T>): Promise<T>
}

export function createPoliteness(rules: PolitenessRules, clock: Clock, random: () => number): Politeness {
  let nextPage = 0
  let inFlight = 0
  const queue: (() => void)[] = []
  return {
    opensAt: () => opening(rules.activeHours, clock()),
    async pageTurn(signal) {
      const now = clock()
      const turn = Math.max(now, nextPage)
      // reserved before waiting, so that pages in flight together keep their distance too
      nextPage = turn + rules.delayMs * (1 + rules.jitter * (2 * random() - 1))
      if (turn > now) await sleep(turn - now, undefined, { signal })
    },
    async pictureTurn(work) {
      if (inFlight >= rules.pictures) await new Promise<void>((resolve) => queue.push(resolve))
      else inFlight += 1
      try {
        return await work()
      } finally {
        const next = queue.shift()
        if (next) next()
        else inFlight -= 1
      }
    },
  }
}

function opening(activeHours: string, now: number): number {
  if (activeHours === "") return now
  const [from = 0, until = 24] = activeHours.split("-").map(Number)
  const hour = new Date(now).getUTCHours()
  const open = from < until ? hour >= from && hour < until : hour >= from || hour < until
  if (open) return now
  const start = new Date(now)
  start.setUTCHours(from, 0, 0, 0)
  if (start.getTime() <= now) start.setUTCDate(start.getUTCDate() + 1)
  return start.getTime()
}
