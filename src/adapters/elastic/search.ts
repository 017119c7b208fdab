import { WatchlineError } from "../../errors.ts"
import { findingWords, holdsPhrase, matchedWords, wordsIn } from "../../matching/search-words.ts"
import type { Finding } from "../../model/finding.ts"
import type { Id } from "../../model/record.ts"
import type { SearchHit } from "../../ports/findings.ts"
import type { Query } from "./connection.ts"
import { findingOf } from "./findings-scans.ts"
import { chunks } from "./image-facts.ts"
import type { PostDocument } from "./post-revisions.ts"
import { all, anyOf } from "./scope-query.ts"
import type { View } from "./view.ts"

type FindingDocument = Parameters<typeof findingOf>[0]

/** One word of the question, which may fall into a phrase of several, and the places that it names. */
interface Asked {
  readonly phrase: readonly string[]
  readonly places: readonly string[]
}

/** Terms that a beginning may be completed to. */
const mostCompletions = 1000

/**
 * Findings for which every word of the question stands in their own words or in where their subject stands. First those found by their own
 * words alone, best first; then those for which the place counts, by asking what stands there.
 */
export async function search(view: View, text: string, limit: number): Promise<SearchHit[]> {
  const phrases = text
    .split(/\s+/)
    .map(wordsIn)
    .filter((phrase) => phrase.length > 0)
  if (phrases.length === 0) {
    throw new WatchlineError("input_invalid", {
      message: "There is no word to search for.",
      remedy: "Search for a kind, generator, model, platform, forum or host.",
    })
  }
  const found = await byOwnWords(view, phrases, limit)
  if (found.size < limit) {
    const asked = await placesOf(view, phrases)
    if (asked.some(({ places }) => places.length > 0)) await addByPlace(view, asked, limit, found)
  }
  const findings = [...found.values()].slice(0, limit)
  const urls = await urlsOf(view, findings)
  return findings.map((finding) => {
    const url = urls.get(finding.subject.id)
    return { finding, ...(url === undefined ? {} : { url }), matched: matchedWords(finding, phrases) }
  })
}

type Found = Map<Id, Finding>

async function byOwnWords(view: View, phrases: readonly (readonly string[])[], limit: number): Promise<Found> {
  const { hits } = await view.search<FindingDocument>("findings", {
    size: limit,
    query: { bool: { must: phrases.map(phraseQuery) } },
    sort: ["_score", { id: "asc" }],
  })
  return new Map(hits.hits.map(({ _source }) => [_source!.id, findingOf(_source!)]))
}

/** All words of the phrase next to each other; of the last one the end may be missing. */
function phraseQuery(phrase: readonly string[]): Query {
  if (phrase.length > 1) {
    return { match_phrase_prefix: { words: { query: phrase.join(" "), max_expansions: mostCompletions } } }
  }
  const word = phrase[0]!
  return { bool: { should: [{ term: { words: word } }, { prefix: { words: word } }], minimum_should_match: 1 } }
}

async function placesOf(view: View, phrases: readonly (readonly string[])[]): Promise<Asked[]> {
  const known: string[] = []
  const sources = [{ place: { terms: { field: "place" } } }]
  for await (const page of view.buckets("places", { match_all: {} }, sources))
    known.push(...page.map(({ key }) => key.place as string))
  const words = known.map((place) => ({ place, words: wordsIn(place) }))
  return phrases.map((phrase) => ({
    phrase,
    places: words.filter((one) => holdsPhrase(one.words, phrase)).map(({ place }) => place),
  }))
}

/** Goes through what stands at the places asked for and takes its findings, until there are enough. */
async function addByPlace(view: View, asked: readonly Asked[], limit: number, found: Found): Promise<void> {
  const places = [...new Set(asked.flatMap((one) => one.places))]
  const ownWords = asked.filter((one) => one.places.length === 0).map(({ phrase }) => phraseQuery(phrase))
  for (const [kind, subject] of [
    ["posts", "id"],
    ["sightings", "fingerprint"],
  ] as const) {
    const sources = [{ subject: { terms: { field: subject } } }]
    for await (const page of view.buckets(kind, all(anyOf("place", places)), sources)) {
      const subjects = page.map(({ key }) => key.subject as Id)
      const query = all(anyOf("subject.id", subjects), ...ownWords)
      const findings = await view.all<FindingDocument>("findings", query)
      const standing = await placesOfSubjects(view, [...new Set(findings.map((finding) => finding.subject.id))])
      for (const document of findings) {
        const finding = findingOf(document)
        if (found.has(finding.id)) continue
        const words = findingWords(finding)
        const own = standing.get(finding.subject.id) ?? new Set()
        const holds = (one: Asked) => holdsPhrase(words, one.phrase) || one.places.some((place) => own.has(place))
        if (!asked.every(holds)) continue
        found.set(finding.id, finding)
        if (found.size >= limit) return
      }
    }
  }
}

async function placesOfSubjects(view: View, subjects: readonly Id[]): Promise<Map<Id, Set<string>>> {
  const standing = new Map<Id, Set<string>>()
  const put = (subject: Id, place: string) => {
    const known = standing.get(subject)
    if (known) known.add(place)
    else standing.set(subject, new Set([place]))
  }
  for (const ids of chunks(subjects)) {
    for (const { id, place } of await view.all<PostDocument>("posts", all(anyOf("id", ids)), ["id", "place"]))
      put(id, place)
    const sources = [{ subject: { terms: { field: "fingerprint" } } }, { place: { terms: { field: "place" } } }]
    for await (const page of view.buckets("sightings", all(anyOf("fingerprint", ids)), sources)) {
      for (const { key } of page) put(key.subject as Id, key.place as string)
    }
  }
  return standing
}

/** Address of the post, or of the first post with the image. */
async function urlsOf(view: View, findings: readonly Finding[]): Promise<Map<Id, string>> {
  const urls = new Map<Id, string>()
  const subjects = [...new Set(findings.map((finding) => finding.subject.id))]
  for (const ids of chunks(subjects, 500)) {
    const first = await view.search<{ fingerprint: Id; postUrl: string }>("sightings", {
      size: ids.length,
      query: all(anyOf("fingerprint", ids)),
      collapse: { field: "fingerprint" },
      sort: [{ at: "asc" }, { id: "asc" }],
      _source: ["fingerprint", "postUrl"],
    })
    for (const { _source } of first.hits.hits) urls.set(_source!.fingerprint, _source!.postUrl)
    for (const { id, url } of await view.all<{ id: Id; url: string }>("posts", all(anyOf("id", ids)), ["id", "url"]))
      urls.set(id, url)
  }
  return urls
}
