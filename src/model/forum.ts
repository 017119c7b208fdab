import Type from "typebox"
import { Id, Instant, type RecordOf, record } from "./record.ts"

/** A watched forum. Identity: a short name chosen by the operator, stable when the forum moves to another address. */
export const Forum = record("forum", 1, {
  id: Type.String({ pattern: "^[a-z0-9][a-z0-9.-]{0,63}$" }),
  /** Where the crawl starts; the newest address. */
  url: Type.String({ maxLength: 2000 }),
  addresses: Type.Array(Type.Object({ url: Type.String(), since: Instant }, { additionalProperties: false })),
  mandate: Id,
  /** Name of the parser, or "auto": detected on every page. */
  engine: Type.String(),
  /** IANA time zone in which the forum prints dates that name none. */
  timeZone: Type.String(),
  addedAt: Instant,
})
export type Forum = RecordOf<typeof Forum>
