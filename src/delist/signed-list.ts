import type { KeyObject } from "node:crypto"
import { type Entry, type ListVersion, SignedList, signedListId } from "../model/list-version.ts"
import { instant } from "../model/record.ts"
import { publicKeyText, signCanonical, verifyCanonical } from "../model/signature.ts"
import { canonicalAddress, canonicalExpression, expressionHash } from "./canonical-form.ts"
import { entryKey } from "./select-entries.ts"

/** The version that follows `previous`, or the first one; it names the digest of the one before, so that no version can be exchanged later. */
export function nextVersion(input: {
  readonly previous?: SignedList
  readonly entries: readonly Entry[]
  readonly issuer: string
  readonly now: number
  /** Days after which recipients must not use this version any more. */
  readonly listDays: number
}): ListVersion {
  const { previous } = input
  return {
    sequence: 1 + (previous?.list.sequence ?? 0),
    ...(previous ? { previous: signedListId(previous) } : {}),
    issuer: input.issuer,
    issuedAt: instant(input.now),
    expiresAt: instant(input.now + input.listDays * 86_400_000),
    entries: [...input.entries],
  }
}

export function signList(list: ListVersion, privateKey: KeyObject): SignedList {
  return { list, key: publicKeyText(privateKey), signature: signCanonical(list, privateKey) }
}

export interface ListProblem {
  readonly kind: "schema" | "signature" | "key" | "time" | "chain" | "order" | "hash" | "entry-time"
  /** A sentence; names sequences and hashes, never a listed address. */
  readonly says: string
}

/**
 * All that is wrong with a list as somebody received it; empty if it can be used.
 *
 * @param expect.key the publisher's public key (base64 of its SPKI), known from elsewhere: without it only whole, not genuine, is shown
 * @param expect.now milliseconds: the version must have been issued and not have expired
 * @param expect.previous the version that the recipient had: this one must be its successor
 */
export function verifyList(
  signed: unknown,
  expect: { readonly key?: string; readonly now?: number; readonly previous?: SignedList } = {},
): ListProblem[] {
  const problem = SignedList.problem(signed)
  if (problem !== undefined) return [{ kind: "schema", says: `It is no signed list: ${problem}.` }]
  const given = signed as SignedList
  const { list } = given
  return [
    ...(verifyCanonical(list, given.signature, given.key)
      ? []
      : [say("signature", "The signature does not match the list.")]),
    ...(expect.key === undefined || expect.key === given.key
      ? []
      : [say("key", "It was signed with another key than the publisher's.")]),
    ...timeProblems(list, expect.now),
    ...chainProblems(list, expect.previous),
    ...orderProblems(list.entries),
    ...list.entries.flatMap((entry) => entryProblems(entry)),
  ]
}

function timeProblems(list: ListVersion, now: number | undefined): ListProblem[] {
  if (list.issuedAt >= list.expiresAt) return [say("time", "It expires before it is issued.")]
  if (now === undefined) return []
  if (list.issuedAt > instant(now)) return [say("time", `It is issued in the future, at ${list.issuedAt}.`)]
  return list.expiresAt > instant(now)
    ? []
    : [say("time", `It expired at ${list.expiresAt}: ask the publisher for a newer version.`)]
}

function chainProblems(list: ListVersion, previous: SignedList | undefined): ListProblem[] {
  if ((list.sequence === 1) !== (list.previous === undefined)) {
    return [say("chain", "Every version but the first names the digest of the one before, and the first names none.")]
  }
  if (previous === undefined) return []
  if (list.sequence !== previous.list.sequence + 1) {
    return [say("chain", `Version ${list.sequence} is not the successor of version ${previous.list.sequence}.`)]
  }
  if (list.previous === signedListId(previous)) return []
  return [
    say("chain", `Version ${list.sequence} follows another version ${previous.list.sequence} than the one given.`),
  ]
}

function orderProblems(entries: readonly Entry[]): ListProblem[] {
  const at = entries.findIndex((entry, index) => index > 0 && entryKey(entries[index - 1]!) >= entryKey(entry))
  return at < 0 ? [] : [say("order", `Entry ${at + 1} is out of order or there twice.`)]
}

function entryProblems(entry: Entry): ListProblem[] {
  const expression = canonicalExpression(entry.url)
  const right =
    expression !== undefined && expressionHash(expression) === entry.hash && canonicalAddress(entry.url) === entry.url
  return [
    ...(right ? [] : [say("hash", `The address of ${entry.hash} is not canonical or does not give this hash.`)]),
    ...(entry.since < entry.until ? [] : [say("entry-time", `The entry ${entry.hash} ends before it begins.`)]),
  ]
}

function say(kind: ListProblem["kind"], says: string): ListProblem {
  return { kind, says }
}
