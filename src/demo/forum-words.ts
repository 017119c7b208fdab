import type { Seeded } from "./seeded-random.ts"

export const handles: readonly string[] = (
  "MossKeeper PointyHat FernAndFriend OldTerracotta HedgeWarden Clay_Pipe RockeryRita Toadstool77 LanternJo BrookSide " +
  "GardenerNil WheelbarrowWim PottingShedPete MistyMorning StoneByStone HeatherHill TinyVillage GnomeDePlume Rakewell DewDrop " +
  "OrchardOtto BirchBark Mulch_Master SnailRacer WellieBoots QuietPond ThatchAndThyme RedHatRob CompostCarla IvyLeague " +
  "Slowworm Beardling LichenLou DryStoneDi KettleCorner Windfall NettleSoup Bramble_Bo Gatepost SundialSu"
).split(" ")

export const boards: readonly { readonly name: string; readonly about: string; readonly threads: number }[] = [
  { name: "The Garden Gate", about: "Say hello, show your gnomes, talk about the weather", threads: 20 },
  { name: "Landscapes & Rockeries", about: "Hills, ponds, walls & everything that gnomes stand in", threads: 16 },
  { name: "Picture Workshop", about: "Painting, photographing and rendering gnomes", threads: 13 },
  { name: "Clay, Moss and Paint", about: "Making and mending", threads: 11 },
]

export const signatures: readonly string[] = [
  "A gnome a day keeps the slugs at bay.",
  "14 gnomes, 2 ponds, no lawn",
  "Moss is not a weed!",
  "Currently painting: the third wheelbarrow",
  "North wall, clay soil, patience",
]

const things = [
  "gnome",
  "little gnome",
  "fishing gnome",
  "old gnome",
  "gnome with the lantern",
  "clay gnome",
  "blue-hatted gnome",
]
const places = [
  "by the pond",
  "under the fern",
  "next to the rockery",
  "on the north wall",
  "behind the shed",
  "in the rose bed",
  "near the oak",
  "along the brook",
]
const plants = ["moss", "ferns", "heather", "thyme", "the ivy", "foxgloves", "the hostas", "lady's mantle"]
const weather = [
  "after the rain",
  "in this heat",
  "with the first frost",
  "on a misty morning",
  "now that the evenings are longer",
  "since the storm",
]
const feelings = [
  "I am very pleased",
  "Not sure what I think",
  "My neighbour is delighted",
  "Could not be happier",
  "A bit disappointed",
]
const colours = ["brick red", "bottle green", "a faded blue", "mustard", "plum", "slate grey"]

const openers = [
  "The {thing} {place} looks splendid {weather}.",
  "Finally got round to moving the {thing} {place}.",
  "We had a quiet week here, mostly tidying {place}.",
  "Has anybody else noticed how {plant} grows so much better {place}?",
  "{feeling} with how the {thing} turned out.",
  "Went for a long walk over the hills and came home with {n} new ideas.",
  "I painted the hat {colour} and the coat {colour2}.",
  "Thanks for the kind words about the {thing}!",
  "Good morning from a very wet garden.",
  "Ours stands {place} and has done so for {n} years.",
]
const middles = [
  "The light was low and everything looked like a painting.",
  "{plant} took over the corner, so the {thing} had to move.",
  "It cost me {n} afternoons and a pot of paint.",
  "The dog carried one of them off again, but no harm done.",
  "I think {colour} suits the stone better than {colour2}.",
  "There is a view down to the valley from there, with three layers of hills.",
  "My grandmother always put them {place}.",
  "You can see the church and the mill if the mist lifts.",
  "The frost cracked {n} of the old ones, sadly.",
  "A robin sits on his hat every morning.",
]
const closers = [
  "What do you think?",
  "More when the weather allows.",
  "Greetings from the hillside!",
  "I will report back.",
  "Any advice is welcome.",
  "Have a good weekend, everyone.",
  "That is all for today.",
  "Keep your hats dry.",
]
/** Questions and answers of gardeners, near to instructions and none: no steps that make a picture, no tool, no setting. */
const nearMisses = [
  "How do I water moss? Mine turns brown {weather} although I spray it twice a day.",
  "First I tried rainwater, then tap water, and in the end I simply left {plant} alone.",
  "A tip for anyone with a shady corner: put {plant} {place} and forget about it.",
  "Which settings do you use on the watering timer? Mine runs at six in the morning.",
  "I followed the guide on the seed packet and nothing came up at all.",
  "Does anyone have a recipe for moss paint with yoghurt? A friend swears by it.",
  "You need to dig deeper than you think, about {n} spades, before the rockery holds.",
  "Someone told me there is a program that draws gnomes now. I stay with my brush.",
  "My camera only has an automatic mode, so do not ask me how I took it.",
  "Step by step the wall is coming back. {n} metres done, the rest waits for spring.",
]

const titleForms = [
  "My {thing} {place}",
  "{plant} {weather}",
  "Show us: {thing}",
  "Hat colours: {colour} or {colour2}?",
  "A walk {place}",
  "Repairing a {thing}",
  "What grows well {place}?",
  "Hills & valleys, part {n}",
]

function fill(form: string, random: Seeded): string {
  const colour = random.pick(colours)
  const words: Record<string, string> = {
    thing: random.pick(things),
    place: random.pick(places),
    plant: random.pick(plants),
    weather: random.pick(weather),
    feeling: random.pick(feelings),
    colour,
    colour2: random.pick(colours.filter((other) => other !== colour)),
    n: String(random.int(2, 9)),
  }
  const text = form.replace(/\{(\w+)\}/g, (_, word: string) => words[word]!)
  return text[0]!.toUpperCase() + text.slice(1)
}

export function threadTitle(random: Seeded): string {
  return fill(random.pick(titleForms), random)
}

/** One to four sentences of chatter. */
export function chatter(random: Seeded): string {
  const sentences = [fill(random.pick(openers), random)]
  for (let i = random.int(0, 2); i > 0; i--) sentences.push(fill(random.pick(middles), random))
  if (random.chance(0.6)) sentences.push(random.pick(closers))
  return sentences.join(" ")
}

export function nearMiss(random: Seeded): string {
  return `${fill(random.pick(nearMisses), random)} ${chatter(random)}`
}
