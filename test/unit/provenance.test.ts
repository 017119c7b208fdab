import assert from "node:assert/strict"
import { test } from "node:test"
import { Tag } from "../../classifiers/image/container/exif.ts"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { readSignals } from "../../classifiers/image/provenance/read-signals.ts"
import type { Signal } from "../../src/model/fingerprint.ts"
import { c2paStore, created, ingredient, manifest } from "../support/c2pa-bytes.ts"
import {
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
  pngZipped,
  sourceType,
  tam,
  tiff,
  userComment,
  webp,
  xmp,
} from "../support/image-bytes.ts"

const secret = "a garden gnome on a toadstool"
const negative = "blurry hedgehog"
const line =
  'Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 42, Size: 512x512, Model hash: c0ffee1234, Model: gardenMix_v2, Lora hashes: "mossStyle: abcd12345678, fernDetail: 0123456789ab", Version: v1.10.1'
const a1111 = `${secret} <lora:mossStyle:0.8>\nNegative prompt: ${negative}\n${line}`

const json = {
  prompt: {
    "3": { class_type: "KSampler", inputs: { seed: 1, steps: 20, model: ["10", 0] } },
    "10": { class_type: "LoraLoader", inputs: { lora_name: "mossStyle.safetensors", model: ["4", 0] } },
    "4": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "sub/gardenMix_v2.safetensors" } },
    "6": { class_type: "CLIPTextEncode", inputs: { text: secret } },
  },
  workflow: {
    last_node_id: 6,
    nodes: [{ id: 6, type: "CLIPTextEncode", widgets_values: [secret] }],
    links: [],
    version: 0.4,
  },
  fooocus: {
    base_model: "gardenMix_v2",
    base_model_hash: "c0ffee1234",
    full_prompt: [secret],
    guidance_scale: 4,
    loras: [["mossStyle", 0.5, "abcd12345678"]],
    sharpness: 2,
    version: "Fooocus v2.5.5",
  },
  swarmui: {
    sui_image_params: {
      prompt: secret,
      model: "gardenMix_v2",
      seed: 1,
      steps: 20,
      loras: ["mossStyle"],
      swarm_version: "0.9.3",
    },
    sui_models: [
      { name: "gardenMix_v2.safetensors", param: "model", hash: "0xc0ffee1234" },
      { name: "mossStyle.safetensors", param: "loras", hash: "0xabcd12345678" },
    ],
  },
  invokeai: {
    generation_mode: "sdxl_txt2img",
    positive_prompt: secret,
    seed: 1,
    steps: 30,
    model: { name: "gardenMix_v2", hash: "blake3:c0ffee1234", base: "sdxl" },
    loras: [{ model: { name: "mossStyle", hash: "blake3:abcd12345678" }, weight: 0.5 }],
  },
  novelai: { prompt: secret, steps: 28, sampler: "k_euler", seed: 1, scale: 5, uc: negative },
}
const text = (value: unknown) => JSON.stringify(value)

const withHashes = {
  model: "gardenMix_v2",
  modelHash: "c0ffee1234",
  loras: [{ name: "mossStyle", hash: "abcd12345678" }],
}
const a1111Details = {
  ...withHashes,
  loras: [...withHashes.loras, { name: "fernDetail", hash: "0123456789ab" }],
}
const comment = (value: string, order: "be" | "le" = "be") => tiff({ [Tag.UserComment]: userComment(value, order) })
const composite = tam.replace("trained", "compositeWithTrained")

interface Case {
  readonly name: string
  readonly bytes: Uint8Array
  readonly signal: Partial<Signal>
}

const cases: Case[] = [
  ...[
    ["PNG tEXt", png({ before: [pngText("parameters", a1111)] })] as const,
    ["PNG zTXt", png({ before: [pngZipped("parameters", a1111)] })] as const,
    ["PNG iTXt", png({ before: [pngInternational("parameters", a1111, true)] })] as const,
    ["PNG after the picture", png({ after: [pngText("parameters", a1111)] })] as const,
    ["PNG eXIf", png({ before: [pngChunk("eXIf", comment(a1111))] })] as const,
    ["JPEG UserComment", jpeg([jpegExif(comment(a1111))])] as const,
    ["JPEG UserComment little endian", jpeg([jpegExif(comment(a1111, "le"))])] as const,
    ["WebP UserComment", webp([["EXIF", comment(a1111)]])] as const,
    ["TIFF UserComment", comment(a1111)] as const,
    ["GIF comment", gif(a1111)] as const,
  ].map(
    ([name, bytes]): Case => ({
      name: `AUTOMATIC1111 in ${name}`,
      bytes,
      signal: { family: "automatic1111", strength: "strong", generator: "automatic1111", ...a1111Details },
    }),
  ),
  {
    name: "AUTOMATIC1111 with a prompt in braces and templates after the pairs",
    bytes: png({ before: [pngText("parameters", `{"not": "json"} ${a1111}\nTemplate: {a|b} gnome`)] }),
    signal: { family: "automatic1111", strength: "strong" },
  },
  {
    name: "Forge",
    bytes: png({
      before: [pngText("parameters", a1111.replace("Version: v1.10.1", "Version: f2.0.1v1.10.1-previous-669"))],
    }),
    signal: { family: "automatic1111", strength: "strong", generator: "forge" },
  },
  {
    name: "AUTOMATIC1111's extras tab",
    bytes: png({
      before: [pngText("postprocessing", "Postprocess upscale by: 4, Postprocess upscaler: R-ESRGAN 4x+")],
    }),
    signal: { family: "automatic1111", strength: "moderate" },
  },
  {
    name: "SD.Next in JPEG, without a sampler",
    bytes: jpeg([
      jpegExif(
        comment(
          `${secret}\nSteps: 25, Size: 1024x1024, Seed: 38, CFG scale: 8, App: SD.Next, Version: 059392a, Pipeline: StableDiffusionXLPipeline, Operations: txt2img, Model: gardenMix_v2`,
        ),
      ),
    ]),
    signal: { family: "sdnext", strength: "strong", generator: "sdnext", model: "gardenMix_v2" },
  },
  {
    name: "stable-diffusion.cpp with its JSON",
    bytes: png({
      before: [
        pngText(
          "parameters",
          `${secret}\nSteps: 20, CFG scale: 7.000000, Guidance: 3.500000, Eta: inf, Seed: 42, Size: 512x512, Model: , RNG: cuda, Sampler: euler discrete, Unet: gardenMix_v2.gguf, Version: stable-diffusion.cpp, SDCPP: {"prompt":"${secret}, more","steps":20}`,
        ),
      ],
    }),
    signal: {
      family: "stable-diffusion.cpp",
      strength: "strong",
      generator: "stable-diffusion.cpp",
      model: "gardenMix_v2.gguf",
    },
  },
  ...[
    ["PNG", png({ before: [pngText("prompt", text(json.prompt)), pngText("workflow", text(json.workflow))] })] as const,
    [
      "PNG with NaN",
      png({ before: [pngText("prompt", text(json.prompt).replace('"steps":20', '"steps": NaN'))] }),
    ] as const,
    [
      "WebP Make and Model",
      webp([
        ["EXIF", tiff({ [Tag.Make]: `workflow:${text(json.workflow)}`, [Tag.Model]: `prompt:${text(json.prompt)}` })],
      ]),
    ] as const,
    ["JPEG Model", jpeg([jpegExif(tiff({ [Tag.Model]: `prompt:${text(json.prompt)}` }, "II"))])] as const,
    ["JPEG UserComment", jpeg([jpegExif(comment(text({ prompt: json.prompt, workflow: json.workflow })))])] as const,
  ].map(
    ([name, bytes]): Case => ({
      name: `ComfyUI in ${name}`,
      bytes,
      signal: {
        family: "comfyui",
        strength: "strong",
        generator: "comfyui",
        model: "gardenMix_v2.safetensors",
        loras: [{ name: "mossStyle.safetensors" }],
      },
    }),
  ),
  {
    name: "a ComfyUI workflow alone",
    bytes: png({ before: [pngText("workflow", text(json.workflow))] }),
    signal: { family: "comfyui", strength: "moderate" },
  },
  {
    name: "a ComfyUI graph without a sampler",
    bytes: png({ before: [pngText("prompt", text({ "1": { class_type: "LoadImage", inputs: { image: "a.png" } } }))] }),
    signal: { family: "comfyui", strength: "moderate" },
  },
  {
    name: "InvokeAI 3 and later",
    bytes: png({ before: [pngText("invokeai_metadata", text(json.invokeai))] }),
    signal: {
      family: "invokeai",
      strength: "strong",
      generator: "invokeai",
      model: "gardenMix_v2",
      modelHash: "blake3:c0ffee1234",
      loras: [{ name: "mossStyle", hash: "blake3:abcd12345678" }],
    },
  },
  {
    name: "InvokeAI 2",
    bytes: png({
      before: [
        pngText(
          "sd-metadata",
          text({
            model: "stable diffusion",
            model_weights: "gardenMix_v2",
            model_hash: "c0ffee1234",
            image: { prompt: [{ prompt: secret }], seed: 1 },
          }),
        ),
      ],
    }),
    signal: { family: "invokeai", strength: "strong", model: "gardenMix_v2", modelHash: "c0ffee1234" },
  },
  {
    name: "InvokeAI 1",
    bytes: png({ before: [pngText("Dream", `"${secret}" -s 50 -S 1234 -W 512 -H 512 -C 7.5 -A k_lms`)] }),
    signal: { family: "invokeai", strength: "strong" },
  },
  {
    name: "NovelAI",
    bytes: png({
      before: [
        pngText("Title", "AI generated image"),
        pngText("Description", secret),
        pngText("Software", "NovelAI"),
        pngText("Source", "Stable Diffusion XL C1E1DE52"),
        pngText("Comment", text(json.novelai)),
      ],
    }),
    signal: {
      family: "novelai",
      strength: "strong",
      generator: "novelai",
      model: "Stable Diffusion XL",
      modelHash: "C1E1DE52",
    },
  },
  {
    name: "Fooocus in PNG",
    bytes: png({ before: [pngText("parameters", text(json.fooocus)), pngText("fooocus_scheme", "fooocus")] }),
    signal: { family: "fooocus", strength: "strong", generator: "fooocus", ...withHashes },
  },
  ...[
    ["JPEG", (exif: Uint8Array) => jpeg([jpegExif(exif)])] as const,
    ["WebP", (exif: Uint8Array) => webp([["EXIF", exif]])] as const,
  ].map(
    ([name, make]): Case => ({
      name: `Fooocus in ${name}`,
      bytes: make(
        tiff({
          [Tag.Software]: "Fooocus v2.5.5",
          [Tag.UserComment]: text(json.fooocus),
          [Tag.MakerNote]: Buffer.from("fooocus"),
        }),
      ),
      signal: { family: "fooocus", strength: "strong", generator: "fooocus", ...withHashes },
    }),
  ),
  {
    name: "Fooocus by its software tag alone",
    bytes: jpeg([jpegExif(tiff({ [Tag.Software]: "Fooocus v2.5.5" }))]),
    signal: { family: "fooocus", strength: "moderate" },
  },
  {
    name: "Fooocus-MRE in a JPEG comment",
    bytes: jpeg([
      jpegSegment(0xfe, text({ base_model: "gardenMix_v2", real_prompt: [secret], software: "Fooocus 1.0.51 MRE" })),
    ]),
    signal: { family: "fooocus", strength: "strong", generator: "fooocus-mre", model: "gardenMix_v2" },
  },
  {
    name: "RuinedFooocus",
    bytes: png({
      before: [
        pngText("parameters", text({ Prompt: secret, base_model_name: "gardenMix_v2", software: "RuinedFooocus" })),
      ],
    }),
    signal: { family: "fooocus", strength: "strong", generator: "ruinedfooocus", model: "gardenMix_v2" },
  },
  ...[
    ["PNG", png({ before: [pngText("parameters", text(json.swarmui))] })] as const,
    ["JPEG", jpeg([jpegExif(comment(text(json.swarmui)))])] as const,
    ["the legacy tag", jpeg([jpegExif(tiff({ [Tag.Model]: text(json.swarmui) }))])] as const,
  ].map(
    ([name, bytes]): Case => ({
      name: `SwarmUI in ${name}`,
      bytes,
      signal: { family: "swarmui", strength: "strong", generator: "swarmui", ...withHashes },
    }),
  ),
  {
    name: "Easy Diffusion in PNG",
    bytes: png({
      before: Object.entries({
        prompt: secret,
        seed: "42",
        use_stable_diffusion_model: "gardenMix_v2",
        num_inference_steps: "25",
        guidance_scale: "7.5",
      }).map(([key, value]) => pngText(key, value)),
    }),
    signal: { family: "easy-diffusion", strength: "strong", model: "gardenMix_v2" },
  },
  {
    name: "Easy Diffusion in JPEG",
    bytes: jpeg([
      jpegExif(
        comment(
          text({ Prompt: secret, Seed: 42, "Stable Diffusion model": "gardenMix_v2", Steps: 25, Sampler: "euler" }),
        ),
      ),
    ]),
    signal: { family: "easy-diffusion", strength: "strong", model: "gardenMix_v2" },
  },
  {
    name: "the label of GB 45438-2025",
    bytes: jpeg([
      jpegXmp(
        xmp(
          `xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/"><T:AIGC>{&quot;Label&quot;:&quot;1&quot;,&quot;ContentProducer&quot;:&quot;001&quot;,&quot;ProduceID&quot;:&quot;9&quot;}</T:AIGC></rdf:Description>`,
        ),
      ),
    ]),
    signal: { family: "tc260", strength: "strong" },
  },
  ...[
    ["PNG", png({ before: [pngInternational("XML:com.adobe.xmp", sourceType(tam))] })] as const,
    ["PNG tEXt", png({ before: [pngText("XML:com.adobe.xmp", sourceType(tam.replace("http:", "https:")))] })] as const,
    ["JPEG", jpeg([jpegXmp(sourceType("digsrctype:trainedAlgorithmicMedia"))])] as const,
    ["WebP", webp([["XMP ", sourceType(tam)]])] as const,
  ].map(
    ([name, bytes]): Case => ({
      name: `IPTC trainedAlgorithmicMedia in ${name}`,
      bytes,
      signal: { family: "iptc", strength: "strong" },
    }),
  ),
  {
    name: "IPTC compositeWithTrainedAlgorithmicMedia",
    bytes: jpeg([jpegXmp(sourceType(composite))]),
    signal: { family: "iptc", strength: "moderate" },
  },
  ...[
    ["JPEG", (store: Buffer) => jpeg(jpegJumbf(store, 150))] as const,
    ["PNG", (store: Buffer) => png({ before: [pngChunk("caBX", store)] })] as const,
    ["WebP", (store: Buffer) => webp([["C2PA", store]])] as const,
  ].flatMap(([name, make]): Case[] => [
    {
      name: `C2PA trainedAlgorithmicMedia in ${name}`,
      bytes: make(c2paStore(manifest("urn:c2pa:1", [created(tam, "GPT-4o")]))),
      signal: { family: "c2pa", strength: "strong", generator: "openai" },
    },
    {
      name: `C2PA of an opened generated picture in ${name}`,
      bytes: make(
        c2paStore(
          manifest("urn:c2pa:1", [created(tam, "Adobe Firefly")]),
          manifest("urn:c2pa:2", [{ action: "c2pa.opened" }], ingredient("parentOf", "urn:c2pa:1")),
        ),
      ),
      signal: { family: "c2pa", strength: "strong", generator: "adobe" },
    },
    {
      name: `C2PA of a placed generated picture in ${name}`,
      bytes: make(
        c2paStore(
          manifest("urn:c2pa:1", [created(tam, "Adobe Firefly")]),
          manifest("urn:c2pa:2", [{ action: "c2pa.placed" }], ingredient("componentOf", "urn:c2pa:1")),
        ),
      ),
      signal: { family: "c2pa", strength: "moderate", generator: "adobe" },
    },
    {
      name: `C2PA composite in ${name}`,
      bytes: make(c2paStore(manifest("urn:c2pa:1", [{ action: "c2pa.edited", digitalSourceType: composite }]))),
      signal: { family: "c2pa", strength: "moderate" },
    },
  ]),
  {
    name: "a generator's name as Software alone",
    bytes: jpeg([jpegExif(tiff({ [Tag.Software]: "Draw Things" }))]),
    signal: { family: "generator-tag", strength: "moderate", generator: "draw-things" },
  },
]

for (const { name, bytes, signal } of cases) {
  test(`${name} is named, graded ${signal.strength}, and gives no prompt away`, () => {
    const signals = readSignals(readMetadata(bytes))
    assert.equal(signals.length, 1, JSON.stringify(signals))
    const { carrier, ...rest } = signals[0]!
    assert.ok(carrier)
    assert.deepEqual({ ...rest, ...signal }, rest)
    assert.ok(!JSON.stringify(signals).includes("gnome") && !JSON.stringify(signals).includes("hedgehog"))
  })
}
