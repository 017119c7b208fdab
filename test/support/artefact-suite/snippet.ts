import { seededRandom } from "../seeded-random.ts"

/** A text, and the canonical ids of all that it refers to: none, where it is about ordinary software. */
export interface Snippet {
  readonly text: string
  readonly ids: readonly string[]
  /** Template that it was made from: "civitai-page/bracket". */
  readonly family: string
  /** The reference is written in a disguised way. */
  readonly disguised: boolean
}

/** A wording of a reference, with its canonical id. */
export interface Reference {
  readonly written: string
  readonly id: string
}

/** Draws from a seed; the same seed gives the same suite. */
export interface Draw {
  int(from: number, to: number): number
  pick<Item>(items: readonly Item[]): Item
  text(alphabet: string, length: number): string
  hex(length: number): string
  /** A harmless name: `mossy-gnome-v3`. */
  name(): string
  /** Digits of an id, none of them leading zeros. */
  digits(length: number): string
  uuid(): string
}

const nouns =
  "gnome garden moss fern pond lantern toadstool hedge rockery meadow brook heath orchard terrace trellis wheelbarrow".split(
    " ",
  )
const kinds = "mossy misty clay painted tiny pointed autumn evening golden rustic stone winter".split(" ")

function drawing(seed: number): Draw {
  const random = seededRandom(seed)
  const int = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  const pick = <Item>(items: readonly Item[]) => items[int(0, items.length - 1)]!
  const text = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[int(0, alphabet.length - 1)]).join("")
  const hex = (length: number) => `${int(1, 9)}${text("0123456789abcdef", length - 2)}${pick([..."abcdef"])}`
  return {
    int,
    pick,
    text,
    hex,
    name: () => `${pick(kinds)}-${pick(nouns)}-v${int(1, 30)}`,
    digits: (length) => `${int(1, 9)}${text("0123456789", length - 1)}`,
    uuid: () => [8, 4, 4, 4, 12].map((length) => text("0123456789abcdef", length)).join("-"),
  }
}

export type ReferenceForm = (draw: Draw) => Reference
export type Carrier = (reference: string, draw: Draw) => string
export type DisguiseForm = (written: string, draw: Draw) => string
export type Plain = (draw: Draw) => string

/** The templates of one half of the suite. No template stands in both halves. */
export interface Templates {
  readonly addresses: Readonly<Record<string, ReferenceForm>>
  /** References that are no addresses: names, hashes, tags, magnets. */
  readonly names: Readonly<Record<string, ReferenceForm>>
  readonly carriers: readonly Carrier[]
  /** Carriers for names, which need to be spoken of as a model's where they are ambiguous. */
  readonly nameCarriers: readonly Carrier[]
  readonly disguises: Readonly<Record<string, DisguiseForm>>
  readonly negatives: Readonly<Record<string, Plain>>
}

/** Every address form plain and under every disguise, every name, every negative template, each with several seeds. */
export function snippetsOf(
  templates: Templates,
  seed: number,
  rounds: { plain: number; disguised: number; negative: number },
): Snippet[] {
  const snippets: Snippet[] = []
  let count = 0
  const next = () => drawing(seed * 100_003 + count++)
  const add = (family: string, form: ReferenceForm, carriers: readonly Carrier[], disguise?: DisguiseForm) => {
    const draw = next()
    const { written, id } = form(draw)
    const shown = disguise ? disguise(written, draw) : written
    snippets.push({ text: draw.pick(carriers)(shown, draw), ids: [id], family, disguised: disguise !== undefined })
  }
  for (let round = 0; round < rounds.plain; round++) {
    for (const [name, form] of Object.entries(templates.addresses)) add(name, form, templates.carriers)
    for (const [name, form] of Object.entries(templates.names)) add(name, form, templates.nameCarriers)
  }
  const forms = Object.entries(templates.addresses)
  for (const [name, disguise] of Object.entries(templates.disguises)) {
    for (let round = 0; round < rounds.disguised; round++) {
      const [form, make] = forms[(round * 7 + count) % forms.length]!
      add(`${form}/${name}`, make, templates.carriers, disguise)
    }
  }
  for (let round = 0; round < rounds.negative; round++) {
    for (const [name, plain] of Object.entries(templates.negatives)) {
      snippets.push({ text: plain(next()), ids: [], family: `negative/${name}`, disguised: false })
    }
  }
  return snippets
}
