import type { Scope } from "../../ports/findings.ts"
import type { Query } from "./connection.ts"

/** Whether the scope leaves anything out at all. */
export function restricts({ from, until, forums }: Scope): boolean {
  return from !== undefined || until !== undefined || (forums !== undefined && forums.length > 0)
}

/** The scope, and what else must hold, as a query on documents that have `at` and `forum`. */
export function within({ from, until, forums }: Scope, ...also: readonly Query[]): Query {
  const filter: Query[] = [...also]
  if (from !== undefined || until !== undefined) {
    filter.push({
      range: { at: { ...(from === undefined ? {} : { gte: from }), ...(until === undefined ? {} : { lt: until }) } },
    })
  }
  if (forums !== undefined && forums.length > 0) filter.push({ terms: { forum: [...forums] } })
  return { bool: { filter } }
}

export function all(...filter: readonly Query[]): Query {
  return { bool: { filter: [...filter] } }
}

export function anyOf(field: string, values: Iterable<string>): Query {
  return { terms: { [field]: [...values] } }
}
