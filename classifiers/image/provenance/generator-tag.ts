import { Tag } from "../container/exif.ts"
import type { Metadata, TextField } from "../container/metadata.ts"
import { exifTexts, textsUnder, xmpTexts } from "./carriers.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

const xmpNamespace = "http://ns.adobe.com/xap/1.0/"
const photoshopNamespace = "http://ns.adobe.com/photoshop/1.0/"

/** Whole values of the fields that name a file's writer. Anchored: "Imagenation VME" is a scanner, and captions don't count. */
const writers: readonly (readonly [RegExp, string])[] = [
  [/^NovelAI$/i, "novelai"],
  [/^(?:Midjourney|(?:https?:\/\/)?(?:www\.)?midjourney\.com\/?)(?: v?[\d.]{1,6})?$/i, "midjourney"],
  [/^InvokeAI(?: v?[\d.]{1,10})?$/i, "invokeai"],
  [/^Draw Things(?: v?[\d.]{1,10})?$/i, "draw-things"],
  [/^Mochi Diffusion(?: v?[\d.]{1,10})?$/i, "mochi-diffusion"],
  [/^Black Forest Labs(?: API)?$/i, "black-forest-labs"],
  [/^AI generated;(?:txt2img|img2img|inpainting|outpainting|control)[\w;-]{0,40}$/i, "black-forest-labs"],
  [/^Ideogram(?: AI)?(?: v?[\d.]{1,6})?$/i, "ideogram"],
  [/^(?:https?:\/\/)?(?:www\.)?reve\.(?:com|art)\/?$/i, "reve"],
  [/^Luma (?:AI|Labs|Dream Machine)$/i, "luma"],
  [/^Leonardo\.?[Aa][Ii]$/, "leonardo"],
  [/^Recraft(?: AI)?$/i, "recraft"],
  [/^Adobe Firefly(?: [\d.]{1,10})?$/i, "adobe"],
  [/^(?:OpenAI )?(?:DALL[-·•]?E(?: ?[23])?|ChatGPT(?: \d\w{0,3})?|gpt-image-\d[\w.-]{0,10})$/i, "openai"],
  [/^OpenAI$/, "openai"],
  [/^(?:Made|Created|Edited|Generated) (?:with|by) Google AI$/i, "google"],
  [/^Google (?:Gemini|Imagen)(?: \d[\w. -]{0,20})?$/i, "google"],
  [/^(?:Imagined with AI|Meta AI)$/i, "meta"],
  [/^(?:Apple )?Image Playground$/i, "apple"],
  [/^Bing Image Creator$|^Microsoft Designer$/i, "microsoft"],
  [/^(?:xAI(?: Grok| Aurora)?|Grok(?: Imagine)?)$/, "xai"],
  [/^ComfyUI(?: v?[\d.]{1,10})?$/i, "comfyui"],
  [/^(?:AUTOMATIC1111|stable-diffusion-webui)(?: v?[\d.]{1,10})?$/i, "automatic1111"],
  [/^SD\.Next(?: v?[\w.]{1,12})?$/i, "sdnext"],
  [/^Easy Diffusion(?: v?[\d.]{1,10})?$/i, "easy-diffusion"],
  [/^Stable ?Diffusion(?: web ?ui| XL| \d(?:\.\d)?)?(?: v?[\d.]{1,10})?$/i, "stable-diffusion"],
]

/** Notes that a part of the picture was made by a model. */
const edits: readonly (readonly [RegExp, string])[] = [
  [/^Edited (?:with|by) Google AI$/i, "google"],
  [/^Apple Photos Clean Up$/i, "apple"],
]

/** A generator's name where a file names its writer: EXIF Make and Software, PNG Software, XMP CreatorTool, and Credit in XMP and IPTC. Easily set, so moderate. */
export const generatorTag: ProvenanceReader = {
  family: "generator-tag",
  read(metadata) {
    const found = new Map<string, { carrier: string; isEdit: boolean }>()
    for (const { carrier, value } of writerFields(metadata)) {
      const generator = writerNamed(value)
      if (generator && !found.has(generator)) found.set(generator, { carrier, isEdit: isEdit(value) })
    }
    return [...found].map(([generator, { carrier, isEdit }]) =>
      traceOf(this.family, "moderate", carrier, { generator, ...(isEdit ? { extent: "part" } : {}) }),
    )
  },
}

/** The generator that a field names as its whole value; undefined for everything else. */
export function writerNamed(value: string): string | undefined {
  const name = value.trim().slice(0, 200)
  return [...edits, ...writers].find(([pattern]) => pattern.test(name))?.[1]
}

function isEdit(value: string): boolean {
  return edits.some(([pattern]) => pattern.test(value.trim().slice(0, 200)))
}

function writerFields(metadata: Metadata): TextField[] {
  return [
    ...exifTexts(metadata, Tag.Make),
    ...exifTexts(metadata, Tag.Software),
    ...textsUnder(metadata, "Software", "Source"),
    ...xmpTexts(metadata, xmpNamespace, "CreatorTool"),
    ...xmpTexts(metadata, photoshopNamespace, "Credit"),
    ...metadata.texts.filter(({ key }) => key === "OriginatingProgram" || key === "Credit"),
  ]
}
