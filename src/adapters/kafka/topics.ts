import type { Admin, ITopicConfig } from "kafkajs"
import type { Message, SideTopic, Topic } from "../../ports/event-log.ts"
import { maxMessageBytes } from "../../ports/event-log.ts"

/** Kafka's number for a topic among the resources that have a configuration. */
const topicResource = 2

type Name = Message["topic"]

export interface TopicPlan {
  readonly partitions: number
  /** `compact`: of each key the last message is kept for ever. `delete`: messages go when their time is over. */
  readonly cleanup: "compact" | "delete"
  /** Days; 0: for ever. */
  readonly keepDays: number
}

/** What an operator chooses; the rest follows from what a topic carries. */
export interface TopicChoices {
  /** Stands before every name, so that workspaces can share a cluster. */
  readonly prefix: string
  /** Of topics that carry the flow: as many workers can share one. */
  readonly partitions: number
  /** Copies of each partition; 0: the cluster's default. */
  readonly replication: number
  readonly keepDays: number
}

const flow: Readonly<Record<Topic, TopicPlan["cleanup"]>> = {
  visits: "delete",
  posts: "delete",
  fingerprints: "delete",
  sightings: "delete",
  memberships: "compact", // keyed by fingerprint: the last revision says where it belongs
  findings: "delete",
}

/** How a topic should be. Retries pass quickly and need no breadth; dead letters wait for a person. */
export function planOf(topic: Name, { partitions, keepDays }: TopicChoices): TopicPlan {
  if (isSide(topic)) {
    return topic.endsWith(".dead")
      ? { partitions: 1, cleanup: "delete", keepDays: 0 }
      : { partitions: Math.min(4, partitions), cleanup: "delete", keepDays }
  }
  const cleanup = flow[topic]
  return { partitions, cleanup, keepDays: cleanup === "compact" ? 0 : keepDays }
}

export const flowTopics = Object.keys(flow) as readonly Topic[]

const isSide = (topic: Name): topic is SideTopic => topic.includes(".")

export const topicSettings = ({ cleanup, keepDays }: TopicPlan): Record<string, string> => ({
  "cleanup.policy": cleanup,
  "retention.ms": String(keepDays === 0 ? -1 : keepDays * 86_400_000),
  // The batch around a largest message has a head, and its record numbers of its own.
  "max.message.bytes": String(maxMessageBytes + 64 * 1024),
})

/**
 * Topics as they are needed: one that is missing is made as planned, one that is there stays as it is. So an operator without rights to
 * create topics makes them beforehand (`infra/kafka`).
 */
export class Topics {
  readonly #admin: () => Promise<Admin>
  readonly #choices: TopicChoices
  readonly #known = new Set<Name>()

  constructor(admin: () => Promise<Admin>, choices: TopicChoices) {
    this.#admin = admin
    this.#choices = choices
  }

  nameOf(topic: Name): string {
    return `${this.#choices.prefix}${topic}`
  }

  async ensure(topics: readonly Name[]): Promise<void> {
    const unknown = [...new Set(topics)].filter((topic) => !this.#known.has(topic))
    if (unknown.length === 0) return
    const admin = await this.#admin()
    const there = new Set(await admin.listTopics())
    const missing = unknown.filter((topic) => !there.has(this.nameOf(topic)))
    // Another process may be quicker: then this makes none, and its topic is as planned too.
    if (missing.length > 0) await admin.createTopics({ topics: missing.map((topic) => this.#declared(topic)) })
    // Each partition must be there on its broker: a batch that only some of them took would be sent again to all.
    for (const topic of unknown) await admin.fetchTopicOffsets(this.nameOf(topic))
    for (const topic of unknown) this.#known.add(topic)
  }

  /** Those of the topics that exist. */
  async existing(topics: readonly Name[]): Promise<Name[]> {
    if (topics.every((topic) => this.#known.has(topic))) return [...topics]
    const there = new Set(await (await this.#admin()).listTopics())
    return topics.filter((topic) => there.has(this.nameOf(topic)))
  }

  /** In which ways topics that exist are not as planned; one sentence each. */
  async differences(topics: readonly Name[]): Promise<string[]> {
    const existing = await this.existing(topics)
    if (existing.length === 0) return []
    const admin = await this.#admin()
    const names = existing.map((topic) => this.nameOf(topic))
    const [metadata, configs] = await Promise.all([
      admin.fetchTopicMetadata({ topics: names }),
      admin.describeConfigs({
        includeSynonyms: false,
        resources: names.map((name) => ({ type: topicResource, name })),
      }),
    ])
    return existing.flatMap((topic) => {
      const name = this.nameOf(topic)
      const plan = planOf(topic, this.#choices)
      const partitions = metadata.topics.find((t) => t.name === name)?.partitions.length ?? 0
      const entries = configs.resources.find((r) => r.resourceName === name)?.configEntries ?? []
      return [
        ...(partitions < plan.partitions
          ? [`${name} has ${partitions} partitions, ${plan.partitions} are planned`]
          : []),
        ...Object.entries(topicSettings(plan)).flatMap(([setting, planned]) => {
          const actual = entries.find((entry) => entry.configName === setting)?.configValue
          return actual === planned ? [] : [`${name} has ${setting}=${actual}, ${planned} is planned`]
        }),
      ]
    })
  }

  #declared(topic: Name): ITopicConfig {
    const plan = planOf(topic, this.#choices)
    const configEntries = Object.entries(topicSettings(plan)).map(([name, value]) => ({ name, value }))
    return {
      topic: this.nameOf(topic),
      numPartitions: plan.partitions,
      replicationFactor: this.#choices.replication || -1,
      configEntries,
    }
  }
}
