import { Tag } from "../../classifiers/image/container/exif.ts"
import type { ImageFormat } from "../../classifiers/image/container/format.ts"
import type { Strength } from "../../src/model/fingerprint.ts"
import { brob, c2paUuid, exifItem, gifApplication, heif, jxl, withSamsungTrailer } from "./box-bytes.ts"
import { c2paStore, created, manifest } from "./c2pa-bytes.ts"
import {
  box,
  gif,
  jpeg,
  jpegExif,
  jpegJumbf,
  jpegSegment,
  jpegXmp,
  png,
  pngChunk,
  pngInternational,
  pngText,
  sourceType,
  tam,
  tiff,
  userComment,
  webp,
  xmp,
} from "./image-bytes.ts"

/** A file with one family's trace in the form in which its generator writes it. */
interface ProvenanceVector {
  readonly family: string
  readonly strength: Strength
  readonly format: ImageFormat
  /** Which of the container's places: "exif", "xmp", "c2pa", "text", "comment" or "trailer". */
  readonly place: Place
  readonly bytes: Uint8Array
}

type Place = "exif" | "xmp" | "c2pa" | "text" | "comment" | "trailer"

/** Stands for every prompt; no signal may contain its first noun. */
export const secret = "a gnome on a toadstool"

const line = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x512, Model: gardenMix_v2, Version: v1.10.1"
const blocks = {
  automatic1111: `${secret}\n${line}`,
  sdnext: `${secret}\nSteps: 25, Size: 1024x1024, Seed: 38, CFG scale: 8, App: SD.Next, Version: 059392a, Operations: txt2img, Model: gardenMix_v2`,
  "stable-diffusion.cpp": `${secret}\nSteps: 20, CFG scale: 7.000000, Guidance: 3.500000, Seed: 42, Size: 512x512, Sampler: euler discrete, Version: stable-diffusion.cpp`,
  swarmui: JSON.stringify({ sui_image_params: { prompt: secret, model: "gardenMix_v2", seed: 1, steps: 20 } }),
  fooocus: JSON.stringify({
    adm_guidance: "(1.5, 0.8, 0.3)",
    base_model: "gardenMix_v2",
    base_model_hash: "c0ffee1234",
    full_negative_prompt: [""],
    full_prompt: [secret],
    guidance_scale: 4,
    loras: [],
    metadata_scheme: "fooocus",
    negative_prompt: "",
    performance: "Speed",
    prompt: secret,
    refiner_model: "None",
    resolution: "(512, 512)",
    sampler: "dpmpp_2m_sde_gpu",
    scheduler: "karras",
    seed: "42",
    sharpness: 2,
    steps: 30,
    styles: "[]",
    version: "Fooocus v2.5.5",
  }),
  "easy-diffusion": JSON.stringify({
    Prompt: secret,
    Seed: 42,
    "Stable Diffusion model": "gardenMix_v2",
    Steps: 25,
    Sampler: "euler",
  }),
  "draw-things": JSON.stringify({ c: secret, uc: "", sampler: "DDIM", steps: 20, scale: 7, seed: 42, size: "512x512" }),
  comfyui: JSON.stringify({
    "3": {
      class_type: "KSampler",
      inputs: {
        seed: 1,
        steps: 20,
        cfg: 7,
        sampler_name: "euler",
        scheduler: "normal",
        denoise: 1,
        model: ["4", 0],
        positive: ["6", 0],
        negative: ["7", 0],
        latent_image: ["5", 0],
      },
    },
    "4": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "gardenMix_v2" } },
    "5": { class_type: "EmptyLatentImage", inputs: { width: 512, height: 512, batch_size: 1 } },
    "6": { class_type: "CLIPTextEncode", inputs: { text: secret, clip: ["4", 1] } },
    "7": { class_type: "CLIPTextEncode", inputs: { text: "", clip: ["4", 1] } },
    "8": { class_type: "VAEDecode", inputs: { samples: ["3", 0], vae: ["4", 2] } },
  }),
  workflow: JSON.stringify({
    last_node_id: 8,
    last_link_id: 1,
    nodes: [{ id: 4, type: "CheckpointLoaderSimple", widgets_values: ["gardenMix_v2"] }],
    links: [[1, 4, 0, 3, 0, "MODEL"]],
    version: 0.4,
  }),
  invokeai: JSON.stringify({
    generation_mode: "sdxl_txt2img",
    positive_prompt: secret,
    negative_prompt: "",
    width: 512,
    height: 512,
    seed: 1,
    rand_device: "cpu",
    cfg_scale: 7.5,
    steps: 30,
    scheduler: "euler",
    model: { key: "1", hash: "blake3:c0ffee1234", name: "gardenMix_v2", base: "sdxl", type: "main" },
    app_version: "5.6.0",
  }),
  novelai: JSON.stringify({
    prompt: secret,
    steps: 28,
    height: 512,
    width: 512,
    scale: 5,
    seed: 1,
    sampler: "k_euler",
    n_samples: 1,
    uc: "",
  }),
  tc260: '{"Label":"1","ContentProducer":"001","ProduceID":"9"}',
  mflux: JSON.stringify({
    mflux_version: "0.9.0",
    model: "dev",
    base_model: "None",
    seed: 1,
    steps: 20,
    prompt: secret,
  }),
  "tensor-art": JSON.stringify({
    models: [{ type: "LORA", label: "moss", modelFileName: "moss", hash: "abcd12345678", weight: 0.8 }],
    baseModel: { label: "gardenMix", modelFileName: "gardenMix_v2", hash: "c0ffee1234" },
    prompt: secret,
    negativePrompt: "",
    steps: 25,
    cfgScale: 7,
    seed: "42",
  }),
  "stability-matrix": JSON.stringify({
    PositivePrompt: secret,
    Steps: 20,
    CfgScale: 7,
    Seed: 42,
    ModelName: "gardenMix_v2",
  }),
}
const card = Buffer.from(
  JSON.stringify({ spec: "chara_card_v2", data: { name: "Gustav", description: secret, first_mes: "Good morning." } }),
)
const job = "0b7f3a4e-1d53-4f6e-9a51-5f7d6c1e2a90"
const comment = (text: string) => ({ [Tag.UserComment]: userComment(text) })

type Tags = Readonly<Record<number, string | Uint8Array>>

const inExif: Readonly<Record<string, Tags>> = {
  automatic1111: comment(blocks.automatic1111),
  sdnext: comment(blocks.sdnext),
  comfyui: { [Tag.Model]: `prompt:${blocks.comfyui}` },
  fooocus: {
    [Tag.Software]: "Fooocus v2.5.5",
    [Tag.UserComment]: blocks.fooocus,
    [Tag.MakerNote]: Buffer.from("fooocus"),
  },
  swarmui: comment(blocks.swarmui),
  "easy-diffusion": comment(blocks["easy-diffusion"]),
  "draw-things": { [Tag.Software]: "Draw Things", ...comment(blocks["draw-things"]) },
  "stable-diffusion.cpp": comment(blocks["stable-diffusion.cpp"]),
  invokeai: comment(JSON.stringify({ invokeai_metadata: blocks.invokeai })),
  novelai: {
    [Tag.Software]: "NovelAI Diffusion V4.5 1229B44F",
    [Tag.ImageDescription]: secret,
    [Tag.UserComment]: Buffer.concat([Buffer.from("ASCII\0\0\0"), Buffer.from(blocks.novelai)]),
  },
  mflux: comment(blocks.mflux),
  "tensor-art": comment(JSON.stringify({ generation_data: `${blocks["tensor-art"]}\0` })),
  imaginairy: {
    [Tag.Software]: "Imaginairy / Stable Diffusion SD 1.5",
    [Tag.UserComment]: JSON.stringify({ prompt: { prompt_text: secret, steps: 20, seed: 1 } }),
  },
  "black-forest-labs": {
    [Tag.Make]: "Black Forest Labs",
    [Tag.Model]: "flux-dev",
    [Tag.Software]: "AI generated;txt2img;flux",
  },
  "character-card": comment(card.toString()),
  openai: {
    [Tag.UserComment]: Buffer.from("Made with OpenAI DALL-E"),
    [Tag.MakerNote]: Buffer.from(`OpenAI--req_${"0a".repeat(16)}`),
  },
  xai: { [Tag.Artist]: job, [Tag.ImageDescription]: `Signature: ${"AbC+/9".repeat(16)}` },
  tc260: { [Tag.UserComment]: `{"AIGC":${blocks.tc260}}` },
  "generator-tag": { [Tag.Make]: "Ideogram AI" },
}

const escaped = (json: string) => json.replaceAll('"', "&quot;")

const inXmp: Readonly<Record<string, string>> = {
  iptc: sourceType(tam),
  tc260: xmp(
    `xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/"><T:AIGC>${escaped(blocks.tc260)}</T:AIGC></rdf:Description>`,
  ),
  "draw-things": xmp(
    `xmlns:e="http://ns.adobe.com/exif/1.0/"><e:UserComment><rdf:Alt><rdf:li>${escaped(blocks["draw-things"])}</rdf:li></rdf:Alt></e:UserComment></rdf:Description>`,
  ),
  midjourney: xmp(
    `xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" i:DigitalImageGUID="${job}" i:DigitalSourceType="${tam}" d:description="${secret} --ar 3:2 --v 6 Job ID: ${job}"/>`,
  ),
  "generator-tag": xmp(`xmlns:a="http://ns.adobe.com/xap/1.0/" a:CreatorTool="reve.com"/>`),
}

const inPngTexts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  automatic1111: { parameters: blocks.automatic1111 },
  sdnext: { parameters: blocks.sdnext },
  "stable-diffusion.cpp": { parameters: blocks["stable-diffusion.cpp"] },
  comfyui: { prompt: blocks.comfyui, workflow: blocks.workflow },
  invokeai: { invokeai_metadata: blocks.invokeai },
  novelai: {
    Title: "AI generated image",
    Description: secret,
    Software: "NovelAI",
    Source: "Stable Diffusion XL C1E1DE52",
    Comment: blocks.novelai,
  },
  fooocus: { parameters: blocks.fooocus, fooocus_scheme: "fooocus" },
  swarmui: { parameters: blocks.swarmui },
  "easy-diffusion": {
    prompt: secret,
    seed: "42",
    use_stable_diffusion_model: "gardenMix_v2",
    num_inference_steps: "25",
    guidance_scale: "7.5",
  },
  "draw-things": { Software: "Draw Things", Comment: blocks["draw-things"] },
  midjourney: {
    Description: `${secret} --ar 3:2 --v 6 Job ID: ${job}`,
    "XML:com.adobe.xmp": xmp(
      `xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" i:DigitalImageGUID="${job}" i:DigitalSourceType="${tam}"/>`,
    ),
  },
  tc260: { AIGC: blocks.tc260 },
  "tensor-art": { generation_data: `${blocks["tensor-art"]}\0`, prompt: blocks.comfyui },
  "stability-matrix": { "parameters-json": blocks["stability-matrix"], parameters: blocks.automatic1111 },
  "character-card": { chara: card.toString("base64") },
  "generator-tag": { Software: "Midjourney" },
  "hf-job": { "hf-job-id": job },
}

const inComments: Readonly<Record<string, string>> = {
  automatic1111: blocks.automatic1111,
  sdnext: blocks.sdnext,
  "stable-diffusion.cpp": blocks["stable-diffusion.cpp"],
  comfyui: JSON.stringify({ prompt: JSON.parse(blocks.comfyui) }),
  invokeai: JSON.stringify({ invokeai_metadata: blocks.invokeai }),
  swarmui: blocks.swarmui,
  "easy-diffusion": blocks["easy-diffusion"],
  "draw-things": blocks["draw-things"],
  mflux: blocks.mflux,
  "tensor-art": JSON.stringify({ generation_data: blocks["tensor-art"] }),
  tc260: `{"AIGC":${blocks.tc260}}`,
  fooocus: JSON.stringify({ base_model: "gardenMix_v2", real_prompt: [secret], software: "Fooocus 1.0.51 MRE" }),
}

const strengths: Readonly<Record<string, Strength>> = {
  "generator-tag": "moderate",
  samsung: "moderate",
  "hf-job": "weak",
  "character-card": "weak",
}
const store = c2paStore(manifest("urn:c2pa:1", [created(tam, "GPT-4o")]))

type Writers<Content> = Readonly<Partial<Record<ImageFormat, (content: Content) => Uint8Array>>>

const exifFiles: Writers<Uint8Array> = {
  png: (block) => png({ before: [pngChunk("eXIf", block)] }),
  jpeg: (block) => jpeg([jpegExif(block)]),
  webp: (block) => webp([["EXIF", block]]),
  tiff: (block) => block,
  avif: (block) => heif("avif", [{ type: "Exif", data: exifItem(block), in: "mdat" }]),
  heic: (block) => heif("heic", [{ type: "Exif", data: exifItem(block), in: "mdat" }]),
  jxl: (block) => jxl(brob("Exif", exifItem(block))),
}

const xmpItem = (packet: string) =>
  ({ type: "mime", mediaType: "application/rdf+xml", data: Buffer.from(packet), in: "idat" }) as const

const xmpFiles: Writers<string> = {
  png: (packet) => png({ before: [pngInternational("XML:com.adobe.xmp", packet)] }),
  jpeg: (packet) => jpeg([jpegXmp(packet)]),
  webp: (packet) => webp([["XMP ", packet]]),
  tiff: (packet) => tiff({ 700: Buffer.from(packet) }),
  gif: (packet) => gifApplication("XMP DataXMP", Buffer.from(packet), false),
  avif: (packet) => heif("avif", [xmpItem(packet)]),
  heic: (packet) => heif("heic", [xmpItem(packet)]),
  jxl: (packet) => jxl(box("xml ", Buffer.from(packet))),
}

const c2paFiles: Writers<Buffer> = {
  png: (bytes) => png({ before: [pngChunk("caBX", bytes)] }),
  jpeg: (bytes) => jpeg(jpegJumbf(bytes, 150)),
  webp: (bytes) => webp([["C2PA", bytes]]),
  tiff: (bytes) => tiff({ 52545: bytes }),
  gif: (bytes) => gifApplication("C2PA_GIF\x01\0\0", bytes, true),
  avif: (bytes) => heif("avif", [], [c2paUuid(bytes)]),
  heic: (bytes) => heif("heic", [], [c2paUuid(bytes)]),
  jxl: (bytes) => jxl(bytes),
}

const textFiles: Writers<Readonly<Record<string, string>>> = {
  png: (texts) => png({ before: Object.entries(texts).map(([key, value]) => pngText(key, value)) }),
}

const gifComments: Writers<string> = { gif }
const jpegComments: Writers<string> = { jpeg: (text) => jpeg([jpegSegment(0xfe, text)]) }
/** People write sentences into a JPEG's comment: there only JSON counts. */
const jsonComments = Object.fromEntries(Object.entries(inComments).filter(([, text]) => text.startsWith("{")))

const trailerFiles: Writers<Readonly<Record<string, string>>> = {
  png: (entries) => withSamsungTrailer(png(), entries),
  jpeg: (entries) => withSamsungTrailer(jpeg([]), entries),
}

function vectorsAt<Content>(
  place: Place,
  contents: Readonly<Record<string, Content>>,
  writers: Writers<Content>,
): ProvenanceVector[] {
  return Object.entries(contents).flatMap(([family, content]) =>
    Object.entries(writers).map(
      ([format, write]): ProvenanceVector => ({
        family,
        strength: strengths[family] ?? "strong",
        format: format as ImageFormat,
        place,
        bytes: write(content),
      }),
    ),
  )
}

const exifBlocks = Object.fromEntries(Object.entries(inExif).map(([family, tags]) => [family, tiff(tags)]))

/** Every family in every place of every container that can hold it. */
export const provenanceVectors: readonly ProvenanceVector[] = [
  ...vectorsAt("exif", exifBlocks, exifFiles),
  ...vectorsAt("xmp", inXmp, xmpFiles),
  ...vectorsAt("c2pa", { c2pa: store }, c2paFiles),
  ...vectorsAt("text", inPngTexts, textFiles),
  ...vectorsAt("comment", inComments, gifComments),
  ...vectorsAt("comment", jsonComments, jpegComments),
  ...vectorsAt("trailer", { samsung: { PEg_Info: '{"connectorType":"srvg","genAIType":8}' } }, trailerFiles),
]
