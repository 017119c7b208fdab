/** One way in which posts name a model. */
export interface PlantedMention {
  /** Canonical id of what this wording names, in the form of the product's artefact ids. */
  readonly id: string
  readonly platform: "civitai" | "huggingface" | "tensorart" | "mega" | "gofile" | "bittorrent" | "file" | "prompt"
  /** An address, a file name or a prompt tag; as somebody hides it, where `hidden`. */
  readonly text: string
  readonly hidden?: true
}

function civitai(id: number, slug: string, version?: number): PlantedMention[] {
  const page = `https://civitai.com/models/${id}`
  const model = { id: `civitai:model:${id}`, platform: "civitai" } as const
  const mentions = [
    { ...model, text: `${page}/${slug}` },
    { ...model, text: page },
  ]
  if (version === undefined) return mentions
  return [...mentions, { ...model, id: `${model.id}@${version}`, text: `${page}?modelVersionId=${version}` }]
}

function huggingFace(name: string): PlantedMention[] {
  const page = `https://huggingface.co/${name}`
  return [page, `${page}/tree/main`].map((text) => ({ id: `huggingface:repo:${name}`, platform: "huggingface", text }))
}

function tensorArt(id: string, slug: string): PlantedMention[] {
  const page = `https://tensor.art/models/${id}`
  return [`${page}/${slug}`, page].map((text) => ({ id: `tensorart:model:${id}`, platform: "tensorart", text }))
}

function file(name: string): PlantedMention[] {
  return [{ id: `file:${name}`, platform: "file", text: name }]
}

function lora(name: string): PlantedMention[] {
  return [`<lora:${name}:0.8>`, `<lora:${name}:1>`].map((text) => ({ id: `lora:${name}`, platform: "prompt", text }))
}

/** An address as people write it who do not want it to be found: as text, not as a link. */
function hidden({ id, platform, text }: PlantedMention, hide: (address: string) => string): PlantedMention[] {
  return [{ id, platform, text: hide(text), hidden: true }]
}

function fileHost(platform: "mega" | "gofile", id: string, text: string): PlantedMention[] {
  return [{ id, platform, text }]
}

function magnet(hash: string, name: string): PlantedMention[] {
  return [{ id: `bittorrent:btih:${hash}`, platform: "bittorrent", text: `magnet:?xt=urn:btih:${hash}&dn=${name}` }]
}

const rot13 = (text: string) =>
  text.replace(/[a-z]/gi, (c) => String.fromCharCode(c.charCodeAt(0) + (c.toLowerCase() < "n" ? 13 : -13)))
const backwards = (text: string) => [...text].reverse().join("")

/** Invented models, all of gnomes and landscapes; one list of wordings for each. */
export const plantedModels: readonly (readonly PlantedMention[])[] = [
  civitai(9481203, "gnome-garden-mix", 9577001),
  civitai(9481377, "mossy-landscapes"),
  civitai(9482950, "clay-gnome-style", 9578214),
  civitai(9485116, "toadstool-meadows"),
  civitai(9487742, "pointed-hats", 9580093),
  civitai(9490018, "rockery-realism"),
  civitai(9491565, "pond-and-fern"),
  civitai(9493381, "lantern-evenings", 9583340),
  huggingFace("gnomeworks/garden-gnome-xl"),
  huggingFace("gnomeworks/moss-lora"),
  huggingFace("hillside-studio/misty-landscapes"),
  huggingFace("potting-shed/terracotta-diffusion"),
  huggingFace("hillside-studio/gnome-portrait-v2"),
  huggingFace("fernwood/tiny-village-flux"),
  tensorArt("948120377615520381", "gnome-garden-deluxe"),
  tensorArt("948250016623371942", "hedgerow-painter"),
  tensorArt("948377924410056128", "stone-gnome-xl"),
  tensorArt("949016835702214477", "autumn-garden"),
  file("gnome-garden-v2.safetensors"),
  file("mossy_wall_xl.safetensors"),
  file("terracotta-hats.ckpt"),
  file("hedgehog-and-gnome-q4.gguf"),
  lora("gnome_moss_v3"),
  lora("pointed_hats_fine"),
  lora("garden_dusk"),
  fileHost("mega", "mega:folder:gN0m3B3d", "https://mega.nz/folder/gN0m3B3d#aDemoKeyThatOpensNothing"),
  fileHost("gofile", "gofile:folder:h3dGe7", "https://gofile.io/d/h3dGe7"),
  magnet("5f3c1d9b7a2e4c6f8091a2b3c4d5e6f708192a3b", "gnome-bundle-2026.zip"),
  hidden(civitai(9494001, "wheelbarrow-mix")[1]!, (a) => a.replace("https", "hxxps").replace(".com", "[.]com")),
  hidden(civitai(9494210, "heather-hill")[1]!, (a) => a.replace("https://", "").replace(".com", " (dot) com")),
  hidden(civitai(9494555, "snow-gnomes")[1]!, (a) => Buffer.from(a).toString("base64")),
  hidden(civitai(9494872, "pumpkin-patch")[1]!, (a) => a.replace("civitai", "c\u0456vitai")),
  hidden(huggingFace("gnomeworks/hidden-hedge")[0]!, (a) => rot13(a)),
  hidden(huggingFace("fernwood/night-garden")[0]!, (a) => a.replaceAll(".", "&#46;")),
  hidden(tensorArt("949333017716048899", "winter-rockery")[1]!, (a) => backwards(a)),
  hidden(file("foxglove_gnome_v4.safetensors")[0]!, (name) => name.replace(".", "(dot)")),
]

/** Links to invented characters on platforms for chatbots. */
export const characterLinks: readonly string[] = [
  "https://chub.ai/characters/mosskeeper/gustav-the-gnome",
  "https://janitorai.com/characters/5d1c0b7e-2a3f-4c68-9b1d-0a7e5f3c2b19_character-old-terracotta",
  "https://character.ai/chat/gN0m3gN0m3gN0m3gN0m3gN0m3gN0m3gN0m3gN0m3g0",
]

/** Links that look near and name no model: a data set, documentation, a package, a profile, and pages about gardens. */
export const ordinaryLinks: readonly string[] = [
  "https://huggingface.co/datasets/gnomeworks/garden-photos",
  "https://huggingface.co/docs/diffusers/index",
  "https://civitai.com/user/mosskeeper",
  "https://packages.example.org/project/gnome-seedlings/",
  "https://github.com/potting-shed/watering-timer",
  "https://docs.potting-shed.example/frost-dates",
  "https://www.heritage-gardens.example/visits?month=june",
  "https://news.hillside.example/2026/fern-week.html",
]

/** Pictures on other hosts, shown in posts; no mandate for this forum covers them. */
export const offSitePictures: readonly string[] = [
  "http://pictures.hillside.example/gnome-parade.jpg",
  "https://img.heritage-gardens.example/rockery-2026.png",
  "http://pictures.hillside.example/hats/blue.webp",
]
