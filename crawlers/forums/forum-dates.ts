import { DateTime, FixedOffsetZone, IANAZone, Info, type Zone } from "luxon"
import { type Instant, instant } from "../../src/model/record.ts"
import { dayWords, foldWord, relativeTime } from "./relative-dates.ts"

export interface DateContext {
  /** Zone of dates that name none: IANA name or fixed offset such as "UTC+2". */
  readonly zone: string
  /** Milliseconds since 1970, for "today" and "5 minutes ago". */
  readonly now: number
}

/** Languages whose month and weekday names are understood; taken from the runtime's own CLDR data. */
const languages = [
  "en",
  "de",
  "fr",
  "es",
  "it",
  "pt",
  "nl",
  "pl",
  "ru",
  "uk",
  "sv",
  "nb",
  "da",
  "fi",
  "cs",
  "ro",
  "hu",
  "tr",
]

const months = new Map<string, number>()
const weekdays = new Map<string, number>()
for (const locale of languages) {
  for (const length of ["long", "short"] as const) {
    for (const names of [Info.months(length, { locale }), Info.monthsFormat(length, { locale })]) {
      names.forEach((name, index) => {
        const word = foldWord(name)
        if (/^\p{L}{2,}$/u.test(word) && !months.has(word)) months.set(word, index + 1)
      })
    }
    Info.weekdays(length, { locale }).forEach((name, index) => {
      const word = foldWord(name)
      if (!weekdays.has(word)) weekdays.set(word, index + 1)
    })
  }
}
const monthWords = [...months.keys()].sort()

const isoPattern =
  /(\d{4})-(\d\d)-(\d\d)(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:[.,](\d{1,9}))?\s*(Z\b|[+-]\d\d:?\d\d)?)?(?![\d-])/
const clockPattern =
  /(?<![\d:])(\d{1,2})(?:[:.h]|\s?uhr\s?)(\d\d)(?:[:.](\d\d))?(?:[.,]\d+)?(?:\s*([ap])\.?\s?m\b\.?)?(?![\d:])/i
const hourPattern = /(?<![\d:.])(\d{1,2})\s*([ap])\.?m\b\.?/i
const offsetPattern =
  /\b(?:UTC|GMT)\s*(?:([+\-−])\s*(\d{1,2})(?::?(\d\d))?)?|(?<=:\d\d(?:\s?[ap]m)?\s?)([+-])(\d\d):?(\d\d)\b/i
const longest = 160

/**
 * The moment that a forum's date text names: ISO 8601, the usual numeric orders, month names in eighteen languages, "today" and
 * "yesterday", weekdays, "5 minutes ago".
 *
 * @returns undefined where the text names no moment
 */
export function forumDate(text: string, context: DateContext): Instant | undefined {
  const source = text.slice(0, longest).normalize("NFKC").replace(/\s+/g, " ").trim()
  if (!/\d|ago|now/i.test(source) && !dayWords(source)) return undefined
  const iso = isoPattern.exec(source)
  if (iso) return fromIso(iso, context)
  const ago = relativeTime(source, context.now)
  if (ago !== undefined) return instant(ago)
  return fromText(source, context)
}

/** The moment that a `datetime` attribute or an epoch number names. */
export function machineDate(text: string | undefined, context: DateContext): Instant | undefined {
  if (!text) return undefined
  const value = text.trim()
  if (/^\d{9,10}(\.\d+)?$/.test(value)) return plausible(Number(value) * 1000)
  if (/^\d{12,13}$/.test(value)) return plausible(Number(value))
  return forumDate(value, context)
}

/**
 * The zone that a page's footer names ("All times are UTC+02:00", "… UTC + 1 hour [ DST ]"). A zone's own name in the title wins, since
 * an offset is today's only; an offset that the given zone has today too stands for that zone.
 */
export function footerZone(text: string, title: string | undefined, context: DateContext): string | undefined {
  const named = title?.trim().replaceAll(" ", "_")
  if (named && /\//.test(named) && IANAZone.isValidZone(named)) return named
  const match = /(?:UTC|GMT)\s*(?:([+\-−])\s*(\d{1,2})(?::(\d\d))?)?/i.exec(text)
  if (!match) return undefined
  const summer = /\[[^\]]{1,30}\]/.test(text.slice(match.index)) ? 60 : 0
  const offset = signedMinutes(match[1], match[2], match[3]) + summer
  const given = DateTime.fromMillis(context.now, { zone: context.zone })
  if (given.isValid && given.offset === offset) return context.zone
  return FixedOffsetZone.instance(offset).name
}

function signedMinutes(sign: string | undefined, hours: string | undefined, minutes: string | undefined): number {
  const size = Number(hours ?? 0) * 60 + Number(minutes ?? 0)
  return sign === "-" || sign === "−" ? -size : size
}

function fromIso(match: RegExpExecArray, context: DateContext): Instant | undefined {
  const [, year, month, day, hour, minute, second, fraction, offset] = match
  const zone = offset ? (offset === "Z" ? "utc" : `UTC${offset.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2")}`) : context.zone
  const rest = match.input.slice(match.index + match[0].length)
  const clock = hour === undefined ? clockOf(rest) : undefined
  return moment(
    {
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: clock?.hour ?? Number(hour ?? 0),
      minute: clock?.minute ?? Number(minute ?? 0),
      second: clock?.second ?? Number(second ?? 0),
      millisecond: Number((fraction ?? "0").slice(0, 3).padEnd(3, "0")),
    },
    zone,
  )
}

interface Clock {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly half: boolean
  readonly matched: string
}

function clockOf(text: string): Clock | undefined {
  const match = clockPattern.exec(text)
  const short = match ? null : hourPattern.exec(text)
  const [matched, hourText, half] = match ? [match[0], match[1], match[4]] : short ? [short[0], short[1], short[2]] : []
  if (matched === undefined) return undefined
  const hour = Number(hourText)
  const twelve = half?.toLowerCase() === "p" ? (hour % 12) + 12 : half ? hour % 12 : hour
  const minute = Number(match?.[2] ?? 0)
  if (twelve > 23 || minute > 59) return undefined
  return { hour: twelve, minute, second: Number(match?.[3] ?? 0), half: half !== undefined, matched }
}

function fromText(source: string, context: DateContext): Instant | undefined {
  // "05.01.2026" looks like a clock of 05:01: take such a date out of the way first.
  const numeric = /(?<!\d)(\d{1,4})\s?([./\-年])\s?(\d{1,2})(?:\s?[./\-月]\s?|\s)(\d{1,4})日?(?!\d)/.exec(source)
  const withoutDate = numeric ? source.replace(numeric[0], " ") : source
  const clock = clockOf(withoutDate)
  let rest = clock ? withoutDate.replace(clock.matched, " ") : withoutDate
  const offset = offsetPattern.exec(numeric || clock ? source : "")
  const zone = offset ? zoneOf(offset) : context.zone
  if (offset) rest = rest.replace(offset[0], " ")
  const time = { hour: clock?.hour ?? 0, minute: clock?.minute ?? 0, second: clock?.second ?? 0 }
  const day = numeric ? numericDay(numeric, clock, weekdayOf(rest)) : namedDay(rest)
  if (day) return moment({ ...day, ...time }, zone)
  if (!clock) return undefined
  const today = DateTime.fromMillis(context.now, { zone })
  const back = dayWords(rest)
  if (back !== undefined) return moment({ ...dateOf(today.minus({ days: back.days })), ...time }, zone)
  const weekday = weekdayOf(rest)
  if (weekday === undefined) return undefined
  const days = (today.weekday - weekday + 7) % 7
  return moment({ ...dateOf(today.minus({ days })), ...time }, zone)
}

function zoneOf(match: RegExpExecArray): Zone {
  return FixedOffsetZone.instance(signedMinutes(match[1] ?? match[4], match[2] ?? match[5], match[3] ?? match[6]))
}

function dateOf(time: DateTime): { year: number; month: number; day: number } {
  return { year: time.year, month: time.month, day: time.day }
}

/** Order of "01/05/2026": a weekday decides, then a number over 12, then the separator and the 12-hour clock (American). */
function numericDay(match: RegExpExecArray, clock: Clock | undefined, weekday: number | undefined) {
  const [first, middle, last] = [Number(match[1]), Number(match[3]), Number(match[4])]
  if (first > 31) return { year: first, month: middle, day: last }
  const year = fullYear(last)
  if (weekday !== undefined) {
    const american = DateTime.fromObject({ year, month: first, day: middle }, { zone: "utc" })
    const european = DateTime.fromObject({ year, month: middle, day: first }, { zone: "utc" })
    if (american.isValid && american.weekday === weekday) return { year, month: first, day: middle }
    if (european.isValid && european.weekday === weekday) return { year, month: middle, day: first }
  }
  const monthFirst = middle > 12 || (first <= 12 && match[2] !== "." && (clock?.half ?? false))
  return monthFirst ? { year, month: first, day: middle } : { year, month: middle, day: first }
}

/** "Mon Jan 05, 2026", "05 Jan 2026", "January 1st, 2007", "5. ene. '07": a month's name, a day and a year in any order. */
function namedDay(text: string): { year: number; month: number; day: number } | undefined {
  const words = [...text.matchAll(/\p{L}[\p{L}\p{M}]+/gu)].map(([word]) => foldWord(word))
  const found = words.filter((word) => monthOf(word) !== undefined)
  // "mar. 5 ene.": in some languages a weekday is spelled like a month
  const clear = found.length > 1 ? found.filter((word) => !weekdays.has(word)) : found
  const month = monthOf(clear[0] ?? found[0] ?? "")
  if (month === undefined) return undefined
  const numbers = [...text.matchAll(/(['’]?)(?<!\d)(\d{1,4})(?!\d)/g)].map((match) => ({
    value: Number(match[2]),
    year: match[1] !== "" || match[2]!.length === 4,
  }))
  const day = numbers.find((number) => !number.year && number.value >= 1 && number.value <= 31)
  const year = numbers.find((number) => number.year) ?? numbers.find((number) => number !== day)
  return day && year ? { year: fullYear(year.value), month, day: day.value } : undefined
}

function monthOf(word: string): number | undefined {
  const exact = months.get(word)
  if (exact !== undefined || word.length < 3) return exact
  const values = new Set(monthWords.filter((name) => name.startsWith(word)).map((name) => months.get(name)))
  return values.size === 1 ? [...values][0] : undefined
}

function weekdayOf(text: string): number | undefined {
  for (const [word] of text.matchAll(/\p{L}[\p{L}\p{M}]+/gu)) {
    const folded = foldWord(word)
    const day = weekdays.get(folded)
    if (day !== undefined) return day
  }
  return undefined
}

function fullYear(value: number): number {
  return value >= 100 ? value : value + (value < 70 ? 2000 : 1900)
}

function moment(fields: Record<string, number>, zone: string | Zone): Instant | undefined {
  const time = DateTime.fromObject(fields, { zone })
  return time.isValid ? plausible(time.toMillis()) : undefined
}

function plausible(millis: number): Instant | undefined {
  return millis >= Date.UTC(1985, 0, 1) && millis < Date.UTC(2100, 0, 1) ? instant(millis) : undefined
}
