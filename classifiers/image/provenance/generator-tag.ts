import { Tag } from "../container/exif.ts"
import type { Metadata, TextField } from "../container/metadata.ts"
import { exifTexts, textsUnder, xmpTexts } from "./carriers.ts"
import { type ProvenanceReader, signalOf } from "./reader.ts"

const xmpNamespace = "http://ns.adobe.com/xap/1.0/"
const photoshopNamespace = "http://ns.adobe.com/photoshop/1.0/"

/** Whole values of the fields that name a file's writer. Anchored: "Imagenation VME" is a scanner, and captions don't count. */
const writers: readonly (readonly [RegExp, string])[] = [
  [/^NovelAI$/i, "novelai"],
  [/^(?:Midjourney|midjourney\.com)(?: v?[\d.]{1,6})?$/i, "midjourney"],
  [/^InvokeAI(?: v?[\d.]{1,10})?$/i, "invokeai"],
  [/^Draw Things(?: v?[\d.]{1,10})?$/i, "draw-things"],
  [/^Black Forest Labs(?: API)?$/i, "black-forest-labs"],
  [/^AI generated;(?:txt2img|img2img|inpainting|outpainting|control)[\w;-]{0,40}$/i, "black-forest-labs"],
  [/^Ideogram AI$/i, "ideogram"],
  [/^(?:https?:\/\/)?(?:www\.)?reve\.(?:com|art)$/i, "reve"],
  [/^Adobe Firefly(?: [\d.]{1,10})?$/i, "adobe-firefly"],
  [/^(?:OpenAI )?DALL[-·•]?E(?: ?[23])?$/i, "openai"],
  [/^(?:Made|Edited) with Google AI$/, "google"],
  [/^Stable ?Diffusion(?: web ?ui)?(?: v?[\d.]{1,10})?$/i, "stable-diffusion"],
]

/** A generator's name where a file names its writer: EXIF Make and Software, PNG Software, XMP CreatorTool, and Credit in XMP and IPTC. Easily set, so moderate. */
export const generatorTag: ProvenanceReader = {
  family: "generator-tag",
  read(metadata) {
    const found = new Map<string, string>()
    for (const { carrier, value } of writerFields(metadata)) {
      const generator = writers.find(([pattern]) => pattern.test(value.trim().slice(0, 200)))?.[1]
      if (generator && !found.has(generator)) found.set(generator, carrier)
    }
    return [...found].map(([generator, carrier]) => signalOf(this.family, "moderate", carrier, { generator }))
  },
}

function writerFields(metadata: Metadata): TextField[] {
  return [
    ...exifTexts(metadata, Tag.Make),
    ...exifTexts(metadata, Tag.Software),
    ...textsUnder(metadata, "Software"),
    ...xmpTexts(metadata, xmpNamespace, "CreatorTool"),
    ...xmpTexts(metadata, photoshopNamespace, "Credit"),
    ...metadata.texts.filter(({ key }) => key === "OriginatingProgram" || key === "Credit"),
  ]
}
