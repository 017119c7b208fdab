import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { flowTopics, planOf, topicSettings } from "../../src/adapters/kafka/topics.ts"
import { parseConfig } from "../../src/config.ts"
import { deadTopic, retryTopic } from "../../src/pipeline/stage.ts"

test("the topics that operators declare are those that the program would make", () => {
  const { kafka, work } = parseConfig("", {})
  const sides = ["cluster", "judge", "store"].flatMap((stage) => [retryTopic(stage), deadTopic(stage)])
  const planned = [...flowTopics, ...sides].map((topic) => {
    const plan = planOf(topic, { ...kafka, keepDays: work.keepDays })
    return [topic, plan.partitions, ...Object.values(topicSettings(plan))].join(",")
  })
  const [, ...declared] = readFileSync(join(import.meta.dirname, "../../infra/kafka/topics.csv"), "utf8")
    .trim()
    .split("\n")
  assert.deepEqual(declared, planned)
})
