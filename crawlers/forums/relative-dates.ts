const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Lower case without accents, dots or other marks: how date words are compared. */
export function foldWord(word: string): string {
  return word
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\p{M}.]/gu, "")
    .trim()
}

/** "Today" (0 days back), "yesterday" (1) and "tomorrow" (-1) as forum software writes them. */
const days: readonly (readonly [number, RegExp])[] = [
  [
    0,
    /\b(today|heute|aujourd.?hui|hoy|oggi|hoje|vandaag|dzis(iaj)?|idag|i dag|tanaan|dnes|astazi|azi|bugun)\b|сегодня|сьогодні|сьогоднi|今日|今天/u,
  ],
  [
    1,
    /\b(yesterday|gestern|hier|ayer|ieri|ontem|gisteren|wczoraj|igar|i gar|i gaar|eilen|vcera|tegnap|dun)\b|вчера|вчора|昨日|昨天/u,
  ],
  [-1, /\b(tomorrow|morgen|demain|manana|domani|amanha|jutro|imorgon)\b|завтра/u],
]

/** How many days before today a text's day word lies. */
export function dayWords(text: string): { readonly days: number } | undefined {
  const folded = foldWord(text)
  const found = days.find(([, words]) => words.test(folded))
  return found && { days: found[0] }
}

const units: readonly (readonly [number, RegExp])[] = [
  [second, /^(s|sec|secs|second|sek|segundo|secondo|seconde|сек|sekund)/],
  [30.44 * day, /^(mo$|month|monat|mois|mes$|meses|mese|mesi|maand|miesiac|miesiec|месяц|manad|maned)/],
  [minute, /^(m$|min|мин|хв|minuut|minuten)/],
  [hour, /^(h$|hr|hour|stunde|std|heure|hora|ora$|ore$|uur|uren|godz|час|год$|годин|timm|time)/],
  [day, /^(d$|day|tag|jour|dia|giorn|dag|dni|dzien|день|дня|дней|дні)/],
  [7 * day, /^(w$|wk|week|woche|semaine|semana|settiman|tydzien|tygodn|недел|vecka|veckor|uke)/],
  [365.25 * day, /^(y$|yr|year|jahr|an$|ans$|ano|anni|anno|jaar|rok|lat|лет|год)/],
]

const agoWords = /\b(ago|vor|hace|il y a|fa|geleden|temu|ha|atras|sedan|siden|pred|once)\b|назад|тому/u

/** "5 minutes ago", "an hour ago", "less than a minute ago", "just now": the moment, in milliseconds since 1970. */
export function relativeTime(text: string, now: number): number | undefined {
  const folded = foldWord(text)
  if (/^(just now|right now|now|gerade eben|a l.instant|ahora mismo|только что)/u.test(folded)) return now
  if (!agoWords.test(folded)) return undefined
  if (/less than|weniger als|moins d|menos de|meno di|менее|minder dan/u.test(folded)) return now
  let total = 0
  let seen = false
  for (const match of folded.matchAll(/(\d{1,5}|\b(?:an?|one|einer?|une?|una?|uma?|een)\b)\s*(\p{L}+)/gu)) {
    const unit = units.find(([, name]) => name.test(match[2]!))
    if (!unit) continue
    const count = Number(match[1])
    total += (Number.isNaN(count) ? 1 : count) * unit[0]
    seen = true
  }
  return seen ? now - total : undefined
}
