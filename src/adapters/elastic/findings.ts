import { WatchlineError } from "../../errors.ts"
import type { Attachment } from "../../model/attachment.ts"
import type { Membership } from "../../model/cluster.ts"
import type { Finding, FindingKind } from "../../model/finding.ts"
import type { Id } from "../../model/record.ts"
import type { Sighting } from "../../model/sighting.ts"
import type { Visit } from "../../model/visit.ts"
import type {
  Alarm,
  ArtefactRow,
  ClusterRow,
  Findings,
  GuideRow,
  ImageRow,
  PostRow,
  Scope,
  SearchHit,
  Tally,
  TrendInterval,
  TrendMetric,
  TrendPoint,
  TrendSplit,
} from "../../ports/findings.ts"
import type { ElasticConnection } from "./connection.ts"
import {
  scanArtefacts,
  scanAttachments,
  scanClusters,
  scanFindings,
  scanImages,
  scanPosts,
  scanSightings,
} from "./findings-scans.ts"
import { scanGuides } from "./guide-rows.ts"
import { within } from "./scope-query.ts"
import { search } from "./search.ts"
import { tally } from "./tally.ts"
import { trend } from "./trend.ts"
import { streaming, viewing } from "./view.ts"

/** Questions to the index. Each sees all that was answered for before it was asked, and keeps to that state while it streams. */
export class ElasticFindings implements Findings {
  readonly #connection: ElasticConnection

  constructor(connection: ElasticConnection) {
    this.#connection = connection
  }

  tally(scope: Scope): Promise<Tally> {
    return viewing(this.#connection, (view) => tally(view, scope))
  }

  trend(metric: TrendMetric, interval: TrendInterval, split: TrendSplit, scope: Scope): Promise<TrendPoint[]> {
    return viewing(this.#connection, (view) => trend(view, metric, interval, split, scope))
  }

  alarms(scope: Scope): Promise<Alarm[]> {
    return viewing(this.#connection, async (view) => {
      const alarms: Alarm[] = []
      const query = within(scope, { exists: { field: "alarm" } })
      for await (const page of view.pages<Visit>("visits", { query, sort: ["at", "forum", "url", "id"] })) {
        for (const { _source } of page) {
          const { forum, url, at, alarm } = _source!
          alarms.push({ forum, url, at, alarm: alarm! })
        }
      }
      return alarms
    })
  }

  search(text: string, limit: number): Promise<SearchHit[]> {
    return viewing(this.#connection, (view) => search(view, text, limit))
  }

  posts(scope: Scope): AsyncIterable<PostRow> {
    return streaming(this.#connection, (view) => scanPosts(view, scope))
  }

  images(scope: Scope): AsyncIterable<ImageRow> {
    return streaming(this.#connection, (view) => scanImages(view, scope))
  }

  findings(scope: Scope, kind?: FindingKind): AsyncIterable<Finding> {
    return streaming(this.#connection, (view) => scanFindings(view, scope, kind))
  }

  clusters(scope: Scope): AsyncIterable<ClusterRow> {
    return streaming(this.#connection, (view) => scanClusters(view, scope))
  }

  artefacts(scope: Scope): AsyncIterable<ArtefactRow> {
    return streaming(this.#connection, (view) => scanArtefacts(view, scope))
  }

  attachments(scope: Scope): AsyncIterable<Attachment> {
    return streaming(this.#connection, (view) => scanAttachments(view, scope))
  }

  guides(scope: Scope): AsyncIterable<GuideRow> {
    return streaming(this.#connection, (view) => scanGuides(view, scope))
  }

  async clusterOf(fingerprint: Id): Promise<Id | undefined> {
    return (await this.#connection.get<Membership>("memberships", fingerprint))?.document.cluster
  }

  async findCluster(prefix: string): Promise<Id> {
    const digits = prefix.toLowerCase()
    if (!/^[0-9a-f]{1,64}$/.test(digits)) {
      throw new WatchlineError("input_invalid", {
        message: "A cluster's name is made of hexadecimal digits.",
        remedy: "Copy the first eight or more digits from a list of clusters.",
      })
    }
    const found = await viewing(this.#connection, (view) =>
      firstClusters(
        view.search("memberships", {
          size: 2,
          query: { prefix: { cluster: digits } },
          collapse: { field: "cluster" },
          _source: ["cluster"],
        }),
      ),
    )
    if (found.length === 1) return found[0]!
    throw found.length === 0
      ? new WatchlineError("not_found", {
          message: `No cluster's name starts with ${digits}.`,
          remedy: "It may have been merged into another: list the clusters.",
        })
      : new WatchlineError("input_invalid", {
          message: `Several clusters' names start with ${digits}.`,
          remedy: "Give more digits.",
        })
  }

  sightingsOf(clusters: readonly Id[], scope: Scope): AsyncIterable<Sighting> {
    return streaming(this.#connection, (view) => scanSightings(view, clusters, scope))
  }
}

async function firstClusters(searching: Promise<{ hits: { hits: { _source?: unknown }[] } }>): Promise<Id[]> {
  const { hits } = await searching
  return hits.hits.map(({ _source }) => (_source as Membership).cluster)
}
