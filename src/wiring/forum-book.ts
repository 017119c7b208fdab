import { closest } from "fastest-levenshtein"
import { WatchlineError } from "../errors.ts"
import { canonicalUrl } from "../model/canonical-url.ts"
import type { Forum } from "../model/forum.ts"
import { type Clock, idOf, instant } from "../model/record.ts"
import type { AuditLog } from "../ports/audit-log.ts"
import type { Frontier } from "../ports/frontier.ts"
import type { Forums } from "../ports/registry.ts"
import { engines } from "./crawler-modules.ts"
import type { MandateBook } from "./mandate-book.ts"

export interface NewForum {
  readonly url: string
  readonly mandate: string
  readonly engine: string
  readonly id?: string
  readonly timeZone: string
  readonly person: string
}

/** Registers forums and finds them by name. */
export interface ForumBook {
  /** A forum, or the new address of one that moved. Errors: `usage`, and those of the mandate's gate. */
  addForum(input: NewForum): Promise<Forum>
  /** The named forums; all of them without a name. Errors: `not_found`, with the nearest name. */
  chooseForums(names: readonly string[]): Promise<Forum[]>
}

export function openForumBook(parts: {
  readonly forums: Forums
  readonly frontier: Frontier
  readonly audit: AuditLog
  readonly mandates: MandateBook
  readonly clock: Clock
}): ForumBook {
  const { forums, frontier, clock } = parts
  return {
    async addForum(input) {
      const url = canonicalUrl(input.url)
      if (!url) {
        throw new WatchlineError("usage", {
          message: `"${input.url}" is no http address.`,
          remedy: "Write it with http:// or https://.",
        })
      }
      if (input.engine !== "auto") (await engines()).engineByName(input.engine)
      const gate = await parts.mandates.gate(input.mandate)
      gate.allowUrl(url)
      // ids stand in logs, where no address may; the same host gives the same id
      const id = input.id ?? `forum-${idOf("host", new URL(url).hostname).slice(0, 8)}`
      const before = await forums.get(id)
      const now = instant(clock())
      const moved = before?.url !== url
      const forum: Forum = {
        id,
        url,
        addresses: [...(before?.addresses ?? []), ...(moved ? [{ url, since: now }] : [])],
        mandate: gate.id,
        engine: input.engine,
        timeZone: input.timeZone,
        addedAt: before?.addedAt ?? now,
      }
      await parts.audit.append({ actor: input.person, action: "forum.add", subject: id, at: now })
      await forums.put(forum)
      await frontier.add(id, [{ url, kind: "index" }])
      return forum
    },

    async chooseForums(names) {
      const all = await forums.list()
      return names.length === 0 ? all : names.map((name) => all.find((f) => f.id === name) ?? unknownForum(name, all))
    },
  }
}

function unknownForum(name: string, all: readonly Forum[]): never {
  const names = all.map((forum) => forum.id)
  throw new WatchlineError("not_found", {
    message: `No forum "${name}" is registered.`,
    remedy: names.length > 0 ? `Did you mean "${closest(name, names)}"?` : "Add one: `watchline forum add`.",
  })
}
