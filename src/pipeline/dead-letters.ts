import type { Delivery, EventLog, Message } from "../ports/event-log.ts"
import { deadTopic, retryTopic } from "./stage.ts"

const replayGroup = "replay"

/** Dead letters of a stage that nobody has replayed yet, oldest first. */
export async function deadLetters(eventLog: EventLog, stage: string, limit: number): Promise<Delivery[]> {
  return eventLog.read(deadTopic(stage), limit, replayGroup)
}

/** How many there are. */
export function deadLetterCount(eventLog: EventLog, stage: string): Promise<number> {
  return eventLog.lag(replayGroup, [deadTopic(stage)])
}

/** Gives the dead letters of a stage another full set of tries. Appended before they are taken off, so a kill loses none. */
export async function replayDeadLetters(eventLog: EventLog, stage: string): Promise<number> {
  const subscription = await eventLog.subscribe(replayGroup, [deadTopic(stage)])
  let replayed = 0
  try {
    while ((await deadLetterCount(eventLog, stage)) > 0) {
      const letters = await subscription.next(500)
      if (letters.length === 0) continue
      await eventLog.append(letters.map((letter) => again(letter, stage)))
      await subscription.acknowledge(letters.map((l) => l.receipt))
      replayed += letters.length
    }
    return replayed
  } finally {
    await subscription.close()
  }
}

function again({ receipt: _, ...letter }: Delivery, stage: string): Message {
  const { attempt: _attempt, code: _code, reason: _reason, ...headers } = letter.headers
  return { ...letter, topic: retryTopic(stage), headers }
}
