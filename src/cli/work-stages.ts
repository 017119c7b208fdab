import { deadLetterCount } from "../pipeline/dead-letters.ts"
import { runStage, type StageSummary } from "../pipeline/run-stage.ts"
import type { System } from "../system.ts"
import type { Context } from "./context.ts"
import { serveStatus } from "./serve-status.ts"

export interface StageResult extends StageSummary {
  readonly stage: string
}

/**
 * Runs stages side by side in this process, after what has had its time is gone: keys of sealed text, processed messages.
 * With `once` it returns when all their topics are drained, also of what they sent each other.
 */
export async function workStages(
  system: System,
  context: Pick<Context, "output" | "signal">,
  options: { readonly stages: readonly string[]; readonly once: boolean },
): Promise<StageResult[]> {
  const stages = system.stages(options.stages)
  await system.vault.expire(system.clock())
  await trimEvents(system)
  const results: StageResult[] = stages.map((stage) => ({ stage: stage.name, done: 0, retried: 0, dead: 0, lost: 0 }))
  const bar = context.output.progress("work ", 1)
  let processed = 0
  const status = await serveStatus(system, { needs: [] })
  status.metrics.watchStages(
    stages.map((stage) => ({
      name: stage.name,
      waiting: () => system.lag(stage),
      dead: () => deadLetterCount(system.eventLog, stage.name),
    })),
  )
  const backlog = async () => {
    const lags = await Promise.all(stages.map((stage) => system.lag(stage)))
    return lags.reduce((a, b) => a + b, 0)
  }
  let asking = false
  const watch = setInterval(async () => {
    if (asking) return // a slow log must not be asked ever more often
    asking = true
    const waiting = await backlog().catch(() => undefined) // a log that is away shows in the stages themselves
    asking = false
    if (waiting !== undefined) bar.total(processed + waiting)
  }, 500)
  try {
    do {
      await Promise.all(
        stages.map(async (stage, place) => {
          const summary = await runStage(stage, {
            ...system.runOptions,
            signal: context.signal,
            once: options.once,
            onBatch: (report) => {
              processed += report.records
              status.metrics.stageBatch(stage.name, report)
              bar.update(processed, "records")
            },
          })
          const result = results[place]!
          result.done += summary.done
          result.retried += summary.retried
          result.dead += summary.dead
          result.lost += summary.lost
        }),
      )
      // a stage may have been drained before another sent it more
    } while (options.once && !context.signal.aborted && (await backlog()) > 0)
  } finally {
    clearInterval(watch)
    bar.stop()
    await status.close()
  }
  return results
}

/** Only when every stage has seen everything: a stage that has never run must still find all messages. */
async function trimEvents(system: System): Promise<void> {
  for (const stage of system.stages([])) if ((await system.lag(stage)) > 0) return
  await system.trimEvents(system.clock() - system.config.work.keepDays * 86_400_000)
}
