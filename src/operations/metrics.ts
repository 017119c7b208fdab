import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import type { BatchReport } from "../pipeline/run-stage.ts"
import type { FrontierCounts } from "../ports/frontier.ts"
import type { ExaminerLoad } from "../ports/image-examiner.ts"

/** A consumer of this process, as it stands now. */
export interface WatchedStage {
  readonly name: string
  /** Records that wait in the stage's topics, retries included. */
  waiting(): Promise<number>
  /** Dead letters that nobody has replayed. */
  dead(): Promise<number>
}

/** A forum that this process crawls, as it stands now. */
export interface WatchedForum {
  readonly name: string
  done(): Readonly<Record<"pages" | "posts" | "pictures" | "pageFailures" | "pictureFailures" | "alarms", number>>
  frontier(): Promise<FrontierCounts>
}

export interface Metrics {
  stageBatch(stage: string, report: BatchReport): void
  watchStages(stages: readonly WatchedStage[]): void
  watchForums(forums: readonly WatchedForum[], examiner: () => ExaminerLoad): void
  /** Prometheus text (exposition format 0.0.4). A number that an engine does not give is left out, so that it shows as missing. */
  text(): Promise<string>
  readonly contentType: string
}

/**
 * What a process of Watchline counts, under names after Prometheus' conventions (https://prometheus.io/docs/practices/naming/). Labels are
 * names that an operator chose, of forums and stages; never an address, never a text.
 */
export function openMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const records = new Counter({
    name: "watchline_stage_records_total",
    help: "Records that a stage has settled, by what became of them.",
    labelNames: ["stage", "outcome"],
    registers,
  })
  const seconds = new Histogram({
    name: "watchline_stage_batch_seconds",
    help: "Time for one batch, from taking it to acknowledging it.",
    labelNames: ["stage"],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
    registers,
  })
  const size = new Histogram({
    name: "watchline_stage_batch_records",
    help: "Records in one batch.",
    labelNames: ["stage"],
    buckets: [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000],
    registers,
  })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),

    stageBatch(stage, report) {
      for (const outcome of ["done", "retried", "dead"] as const) {
        if (report[outcome] > 0) records.inc({ stage, outcome }, report[outcome])
      }
      seconds.observe({ stage }, report.seconds)
      size.observe({ stage }, report.records)
    },

    watchStages(stages) {
      new Gauge({
        name: "watchline_stage_lag_records",
        help: "Records that wait for a stage, retries included.",
        labelNames: ["stage"],
        registers,
        async collect() {
          this.reset()
          for (const stage of stages) await known(stage.waiting(), (value) => this.set({ stage: stage.name }, value))
        },
      })
      new Gauge({
        name: "watchline_dead_letters_records",
        help: "Records that a stage could not process and nobody has replayed.",
        labelNames: ["stage"],
        registers,
        async collect() {
          this.reset()
          for (const stage of stages) await known(stage.dead(), (value) => this.set({ stage: stage.name }, value))
        },
      })
    },

    watchForums(forums, examiner) {
      const counted = [
        ["pages", "pages_total", "Pages visited."],
        ["posts", "posts_total", "Posts found."],
        ["pictures", "pictures_total", "Pictures fetched and examined."],
        ["pageFailures", "page_failures_total", "Pages that could not be had on a try."],
        ["pictureFailures", "picture_failures_total", "Pictures that could not be had or examined."],
        ["alarms", "alarms_total", "Pages that yielded nothing where posts were expected, and the like."],
      ] as const
      for (const [what, name, help] of counted) {
        new Counter({
          name: `watchline_crawl_${name}`,
          help,
          labelNames: ["forum"],
          registers,
          collect() {
            this.reset()
            for (const forum of forums) this.inc({ forum: forum.name }, forum.done()[what])
          },
        })
      }
      new Gauge({
        name: "watchline_frontier_pages",
        help: "Pages in the frontier, by state.",
        labelNames: ["forum", "state"],
        registers,
        async collect() {
          this.reset()
          for (const forum of forums) {
            await known(forum.frontier(), (counts) => {
              for (const state of ["waiting", "leased", "visited", "failed"] as const) {
                this.set({ forum: forum.name, state }, counts[state])
              }
            })
          }
        },
      })
      new Gauge({
        name: "watchline_examiner_pictures",
        help: "Pictures in the examiner's workers, waiting for one, and how many workers there may be.",
        labelNames: ["state"],
        registers,
        collect() {
          const { busy, waiting, workers } = examiner()
          this.set({ state: "busy" }, busy)
          this.set({ state: "waiting" }, waiting)
          this.set({ state: "workers" }, workers)
        },
      })
    },
  }
}

/** An engine that is away must not take the other numbers with it: they say why. */
async function known<Value>(answer: Promise<Value>, take: (value: Value) => void): Promise<void> {
  try {
    take(await answer)
  } catch {}
}
