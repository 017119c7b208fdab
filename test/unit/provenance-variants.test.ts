import assert from "node:assert/strict"
import { test } from "node:test"
import { brotliCompressSync } from "node:zlib"
import { Tag } from "../../classifiers/image/container/exif.ts"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { readSignals } from "../../classifiers/image/provenance/read-signals.ts"
import type { Signal } from "../../src/model/fingerprint.ts"
import { c2paStore, created, ingredient, manifest } from "../support/c2pa-bytes.ts"
import {
  box,
  gif,
  jpeg,
  jpegExif,
  jpegSegment,
  jpegXmp,
  png,
  pngChunk,
  pngInternational,
  pngText,
  pngZipped,
  sourceType,
  superbox,
  tam,
  tiff,
  userComment,
  webp,
  xmp,
} from "../support/image-bytes.ts"

const secret = "a garden gnome on a toadstool"
const line =
  "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x512, Model hash: c0ffee1234, Model: gardenMix_v2, Version: v1.10.1"
const block = `${secret}\nNegative prompt: blurry hedgehog\n${line}`
const signalsIn = (bytes: Uint8Array): Signal[] => readSignals(readMetadata(bytes))
const inParameters = (text: string) => png({ before: [pngText("parameters", text)] })
const inComment = (value: Uint8Array | string, order: "II" | "MM" = "MM") =>
  jpeg([jpegExif(tiff({ [Tag.UserComment]: typeof value === "string" ? userComment(value) : value }, order))])
const json = JSON.stringify

const charset = (name: string, body: Uint8Array | string) =>
  Buffer.concat([Buffer.from(name.padEnd(8, "\0"), "latin1"), Buffer.from(body as Uint8Array)])
const utf16 = (order: "be" | "le", bom = false) => {
  const body = Buffer.from(`${bom ? "\ufeff" : ""}${block}`, "utf16le")
  return order === "le" ? body : body.swap16()
}

for (const order of ["II", "MM"] as const) {
  for (const [name, value] of Object.entries({
    "UNICODE, big endian": charset("UNICODE", utf16("be")),
    "UNICODE, little endian": charset("UNICODE", utf16("le")),
    "UNICODE with a byte order mark": charset("UNICODE", utf16("le", true)),
    "UNICODE over UTF-8": charset("UNICODE", `gnöme ${block}`),
    ASCII: charset("ASCII", block),
    JIS: charset("JIS", block),
    "no charset": charset("", block),
    "no prefix": Buffer.from(block),
    "padding after it": charset("ASCII", `${block}\0\0\0\0   `),
  })) {
    test(`a UserComment in ${name} within ${order} is read`, () => {
      const [signal] = signalsIn(inComment(value, order))
      assert.deepEqual([signal?.family, signal?.strength, signal?.model], ["automatic1111", "strong", "gardenMix_v2"])
      assert.equal(signalsIn(webp([["EXIF", tiff({ [Tag.UserComment]: value }, order)]])).length, 1)
      assert.equal(signalsIn(png({ before: [pngChunk("eXIf", tiff({ [Tag.UserComment]: value }, order))] })).length, 1)
    })
  }
}

const civitai = `${block.replace(", Model hash: c0ffee1234, Model: gardenMix_v2, Version: v1.10.1", "")}, Clip skip: 2, Created Date: 2024-11-02T09:14:22.1Z, Civitai resources: [{"type":"checkpoint","modelVersionId":128713,"modelName":"Garden Mix","modelVersionName":"2, final"},{"type":"lora","weight":0.8,"modelVersionId":333590,"modelName":"Moss Style","modelVersionName":"1"}], Civitai metadata: {}`
const graph = {
  "3": { class_type: "KSampler", inputs: { seed: 1, model: ["10", 0], positive: ["6", 0] } },
  "4": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "gardenMix_v2.safetensors" } },
  "6": { class_type: "CLIPTextEncode", inputs: { text: secret } },
  "10": { class_type: "LoraLoader", inputs: { lora_name: "moss.safetensors", model: ["4", 0] } },
}
const oneNode = (kind: string) => json({ "1": { class_type: kind, inputs: { prompt: secret } } })
const tc260 = (label: unknown) => `{"Label":${json(label)},"ContentProducer":"001191110000802100433B","ProduceID":"9"}`
const aigc = (name: string, description: string) => xmp(`xmlns:TC260="${name}" ${description}`)
const aigcNamespace = "http://www.tc260.org.cn/ns/AIGC/1.0/"
const entities = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;")
const job = "0b7f3a4e-1d53-4f6e-9a51-5f7d6c1e2a90"
const guid = xmp(`xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" i:DigitalImageGUID="${job}"/>`)
const packedManifest = superbox(
  "c2pa",
  superbox(
    "urn:c2pa:1",
    box("brob", Buffer.from("jumb"), brotliCompressSync(manifest("urn:c2pa:1", [created(tam, "Imagen 4")]))),
  ),
)

const variants: Record<string, [Uint8Array, Partial<Signal>]> = {
  "AUTOMATIC1111 with Windows' line ends": [
    inParameters(block.replaceAll("\n", "\r\n")),
    { family: "automatic1111", strength: "strong", model: "gardenMix_v2" },
  ],
  "AUTOMATIC1111 whose lines a tool joined, in PNG": [
    inParameters(block.replaceAll("\n", " ")),
    { family: "automatic1111", strength: "strong", model: "gardenMix_v2", prompt: { length: secret.length } },
  ],
  "AUTOMATIC1111 with keys in another order": [
    inParameters(
      `${secret}\nSampler: Euler a, CFG scale: 7, Seed: 42, Steps: 20, Size: 512x512, Model: gardenMix_v2, Version: v1.10.1`,
    ),
    { family: "automatic1111", strength: "strong" },
  ],
  "AUTOMATIC1111 with parameters alone": [inParameters(line), { family: "automatic1111", strength: "strong" }],
  "AUTOMATIC1111 in a zTXt after the picture": [
    png({ after: [pngZipped("parameters", block)] }),
    { family: "automatic1111", strength: "strong" },
  ],
  reForge: [
    inParameters(block.replace("v1.10.1", "f0.0.17v1.8.0rc-latest-reForge-277")),
    { family: "automatic1111", generator: "reforge", strength: "strong" },
  ],
  "Civitai's generator, with the hub's numbers": [
    inComment(civitai),
    {
      family: "automatic1111",
      strength: "strong",
      generator: "civitai",
      model: "Garden Mix",
      modelHubId: "civitai:version:128713",
      loras: [{ name: "Moss Style", hubId: "civitai:version:333590" }],
    },
  ],
  "Fooocus' weights behind its hashes": [
    inParameters(
      block.replace(
        "Version: v1.10.1",
        'Lora hashes: "moss: abcd12345678: 0.5", Lora weights: "moss: 0.5", Version: Fooocus v2.5.5',
      ),
    ),
    { family: "fooocus", strength: "strong", generator: "fooocus", loras: [{ name: "moss", hash: "abcd12345678" }] },
  ],
  "Fooocus' older settings": [
    inParameters(
      json({
        Prompt: secret,
        "Base Model": "gardenMix_v2",
        "Refiner Model": "None",
        "Guidance Scale": 4,
        Sharpness: 2,
        "LoRA 1": "True : moss : 0.5",
        Version: "v2.1.865",
        "Fooocus V2 Expansion": secret,
      }),
    ),
    { family: "fooocus", strength: "strong", model: "gardenMix_v2", loras: [{ name: "moss" }] },
  ],
  "SD.Next, its newest order": [
    inComment(
      `${secret}\nApp: SD.Next, Version: 0eb4a98, Pipeline: StableDiffusionXLPipeline, Operations: txt2img, Steps: 20, Size: 1024x1024, Seed: 42, Model: gardenMix_v2`,
    ),
    { family: "sdnext", strength: "strong", baseModel: "StableDiffusionXLPipeline", model: "gardenMix_v2" },
  ],
  "a graph among a service's own entries": [
    inComment(json({ ...graph, extra: { airs: [] }, extraMetadata: json({ prompt: secret }) })),
    { family: "comfyui", strength: "strong", model: "gardenMix_v2.safetensors", loras: [{ name: "moss.safetensors" }] },
  ],
  "a graph that was quoted twice": [
    png({ before: [pngText("prompt", json(json(graph)))] }),
    { family: "comfyui", strength: "strong" },
  ],
  "a graph in an international text": [
    png({ before: [pngInternational("prompt", json(graph), true)] }),
    { family: "comfyui", strength: "strong", prompt: { length: secret.length } },
  ],
  "a graph in a GIF's comment": [gif(json({ prompt: graph, workflow: {} })), { family: "comfyui", strength: "strong" }],
  "a graph that only upscales": [
    png({ before: [pngText("prompt", oneNode("ImageUpscaleWithModel"))] }),
    { family: "comfyui", strength: "moderate" },
  ],
  "Tensor.Art's graph": [
    png({
      before: [
        pngText(
          "prompt",
          json({ ...graph, "4": { class_type: "ECHOCheckpointLoaderSimple", inputs: { ckpt_name: "EMS-1-EMS" } } }),
        ),
      ],
    }),
    { family: "comfyui", strength: "strong", generator: "tensor-art" },
  ],
  ...Object.fromEntries(
    [
      "SamplerCustomAdvanced",
      "KSampler (Efficient)",
      "easy fullkSampler",
      "UltimateSDUpscale",
      "FaceDetailer",
      "WanVideoSampler",
      "SUPIR_sample",
      "VAEDecodeTiled",
      "OpenAIGPTImage1",
      "IdeogramV3",
      "FluxProUltraImageNode",
      "GeminiImageNode",
      "RecraftTextToImageNode",
      "StabilityStableImageUltraNode",
    ].map((kind): [string, [Uint8Array, Partial<Signal>]] => [
      `a graph with ${kind}`,
      [png({ before: [pngText("prompt", oneNode(kind))] }), { family: "comfyui", strength: "strong" }],
    ]),
  ),
  "InvokeAI 5's graph alone": [
    png({ before: [pngText("invokeai_graph", json({ nodes: { a: { type: "flux_denoise" }, b: { type: "l2i" } } }))] }),
    { family: "invokeai", strength: "strong" },
  ],
  "InvokeAI's workflow alone": [
    png({ before: [pngText("invokeai_workflow", json({ nodes: [{ type: "invocation" }] }))] }),
    { family: "invokeai", strength: "moderate" },
  ],
  "InvokeAI 3's model fields": [
    png({
      before: [
        pngText(
          "invokeai_metadata",
          json({
            app_version: "3.6.0",
            positive_prompt: secret,
            seed: 1,
            model: { model_name: "gardenMix_v2", base_model: "sd-1", model_type: "main" },
            loras: [{ lora: { model_name: "moss", base_model: "sd-1" }, weight: 1 }],
          }),
        ),
      ],
    }),
    { family: "invokeai", strength: "strong", model: "gardenMix_v2", baseModel: "sd-1", loras: [{ name: "moss" }] },
  ],
  "NovelAI 4 without its name": [
    png({
      before: [
        pngText("Title", "NovelAI generated image"),
        pngText("Source", "NovelAI Diffusion V4.5 1229B44F"),
        pngText(
          "Comment",
          json({
            steps: 28,
            seed: 1,
            scale: 5,
            v4_prompt: { caption: { base_caption: secret } },
            signed_hash: "x",
          }),
        ),
      ],
    }),
    {
      family: "novelai",
      strength: "strong",
      model: "NovelAI Diffusion V4.5",
      modelHash: "1229B44F",
      prompt: { length: secret.length },
    },
  ],
  "NovelAI in a WebP": [
    webp([
      [
        "EXIF",
        tiff({
          [Tag.ImageDescription]: secret,
          [Tag.Software]: "NovelAI Diffusion V4.5 1229B44F",
          [Tag.UserComment]: charset("ASCII", json({ Comment: json({ steps: 28, seed: 1, scale: 5, uc: "" }) })),
        }),
      ],
    ]),
    { family: "novelai", strength: "strong", model: "NovelAI Diffusion V4.5" },
  ],
  "Midjourney's number in EXIF and XMP": [
    jpeg([jpegExif(tiff({ [Tag.ImageDescription]: `${secret} --ar 1:1 --v 7 Job ID: ${job}` })), jpegXmp(guid)]),
    { family: "midjourney", strength: "strong", model: "--v 7", prompt: { length: secret.length } },
  ],
  "Google's credit with its source type": [
    jpeg([
      jpegXmp(
        xmp(
          `xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:p="http://ns.adobe.com/photoshop/1.0/" i:DigitalSourceType="${tam}" p:Credit="Made with Google AI"/>`,
        ),
      ),
    ]),
    { family: "iptc", strength: "strong", generator: "google", extent: "whole" },
  ],
  "an editor's name beside a source type": [
    jpeg([
      jpegXmp(
        xmp(
          `xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:x="http://ns.adobe.com/xap/1.0/" i:DigitalSourceType="${tam}" x:CreatorTool="Adobe Photoshop 26.1"/>`,
        ),
      ),
    ]),
    { family: "iptc", strength: "strong" },
  ],
  "IPTC 2025.1's fields": [
    jpeg([
      jpegXmp(
        xmp(
          `xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><i:AISystemUsed>Gnome Painter</i:AISystemUsed><i:AIPromptInformation>${secret}</i:AIPromptInformation></rdf:Description>`,
        ),
      ),
    ]),
    { family: "iptc", strength: "moderate", generator: "Gnome Painter", prompt: { length: secret.length } },
  ],
  "China's label as an attribute": [
    jpeg([jpegXmp(aigc(aigcNamespace, `TC260:AIGC="${entities(tc260("1"))}"/>`))]),
    { family: "tc260", strength: "strong" },
  ],
  "China's label escaped twice": [
    jpeg([jpegXmp(aigc(aigcNamespace, `TC260:AIGC="${entities(entities(tc260(1)))}"/>`))]),
    { family: "tc260", strength: "strong" },
  ],
  "China's label as fields": [
    png({
      before: [
        pngInternational(
          "XML:com.adobe.xmp",
          aigc(
            aigcNamespace,
            `><TC260:AIGC rdf:parseType="Resource"><TC260:Label>1</TC260:Label></TC260:AIGC></rdf:Description>`,
          ),
        ),
      ],
    }),
    { family: "tc260", strength: "strong" },
  ],
  "China's label, possibly": [
    png({ before: [pngText("AIGC", tc260("2"))] }),
    { family: "tc260", strength: "moderate" },
  ],
  "China's label, suspected, within other JSON": [
    inComment(json({ from: "app", AIGC: tc260("3") })),
    { family: "tc260", strength: "moderate" },
  ],
  "FLUX's own scripts": [
    jpeg([
      jpegExif(
        tiff({
          [Tag.Make]: "Black Forest Labs",
          [Tag.Model]: "flux-schnell",
          [Tag.Software]: "AI generated;img2img;flux",
        }),
      ),
    ]),
    { family: "black-forest-labs", strength: "strong", model: "flux-schnell" },
  ],
  "a compressed manifest": [
    png({ before: [pngChunk("caBX", packedManifest)] }),
    { family: "c2pa", strength: "strong", generator: "google", model: "Imagen 4" },
  ],
  "a manifest of a service that nobody has listed": [
    png({ before: [pngChunk("caBX", c2paStore(manifest("urn:c2pa:1", [created(tam, "Toadstool Studio")])))] }),
    { family: "c2pa", strength: "strong", generator: "Toadstool Studio" },
  ],
  "a manifest that only passes a generated picture on": [
    png({
      before: [
        pngChunk(
          "caBX",
          c2paStore(
            manifest("urn:c2pa:1", [created(tam, "GPT-4o")]),
            manifest("urn:c2pa:2", [{ action: "c2pa.converted" }], ingredient("parentOf", "urn:c2pa:1")),
          ),
        ),
      ],
    }),
    { family: "c2pa", strength: "strong", generator: "openai", extent: "whole" },
  ],
  "a manifest that draws over a generated picture without opening it": [
    png({
      before: [
        pngChunk(
          "caBX",
          c2paStore(
            manifest("urn:c2pa:1", [created(tam, "GPT-4o")]),
            manifest("urn:c2pa:2", [{ action: "c2pa.drawing" }], ingredient("parentOf", "urn:c2pa:1")),
          ),
        ),
      ],
    }),
    { family: "c2pa", strength: "moderate", generator: "openai", extent: "part" },
  ],
  "a source type in C2PA's own metadata": [
    png({
      before: [
        pngChunk(
          "caBX",
          c2paStore(
            manifest(
              "urn:c2pa:1",
              [{ action: "c2pa.published" }],
              superbox("c2pa.metadata", box("json", Buffer.from(json({ "Iptc4xmpExt:DigitalSourceType": tam })))),
            ),
          ),
        ),
      ],
    }),
    { family: "c2pa", strength: "strong", extent: "whole" },
  ],
  "Apple's clean-up": [
    jpeg([jpegXmp(xmp(`xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:Credit="Apple Photos Clean Up"/>`))]),
    { family: "generator-tag", strength: "moderate", generator: "apple", extent: "part" },
  ],
}
for (const [name, [bytes, expected]] of Object.entries(variants)) {
  test(`${name}: ${expected.strength}, named, without a word of the prompt`, () => {
    const signals = signalsIn(bytes)
    assert.equal(signals.length, 1, json(signals))
    assert.deepEqual({ ...signals[0], ...expected }, signals[0])
    assert.ok(!json(signals).includes("toadstool") && !json(signals).includes("hedgehog"))
  })
}

test("equal prompts have equal digests under one key, others under another, and none without", () => {
  const digestOf = (text: string, key?: Uint8Array) =>
    readSignals(readMetadata(inParameters(`${text}\n${line}`)), undefined, key)[0]!.prompt
  const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  assert.match(digestOf(secret, one)!.digest!, /^[0-9a-f]{64}$/)
  assert.deepEqual(digestOf(` ${secret}  `, one), digestOf(secret, one))
  assert.notEqual(digestOf(secret, one)!.digest, digestOf(secret, other)!.digest)
  assert.notEqual(digestOf(secret, one)!.digest, digestOf(`${secret}s`, one)!.digest)
  assert.deepEqual(digestOf(secret), { length: secret.length })
})

const nothing: Record<string, Uint8Array> = {
  "a JPEG's comment that quotes a block": jpeg([jpegSegment(0xfe, block)]),
  "an XMP description that quotes a block": jpeg([
    jpegXmp(xmp(`xmlns:d="http://purl.org/dc/elements/1.1/" d:description="${entities(block)}"/>`)),
  ]),
  "a joined block in a UserComment, as in a sentence": inComment(`${secret}, I used ${line}`),
  "a UserComment that names generators": inComment("Not made with ComfyUI, Midjourney, DALL-E or Stable Diffusion"),
  "a caption with somebody else's job number": jpeg([
    jpegExif(tiff({ [Tag.ImageDescription]: `${secret} --ar 1:1 --v 7 Job ID: ${job}` })),
  ]),
  "letters AIGC within base64": inComment(json({ depth: "iVBORw0AIGC0KGgoAAA" })),
  "a label without anything else, outside its namespace": png({ before: [pngText("AIGC", '{"Label":"1"}')] }),
  "a label that says no": png({ before: [pngText("AIGC", tc260("0"))] }),
  "another namespace's AIGC": jpeg([
    jpegXmp(aigc("http://gnome.example/ns/", `TC260:AIGC="${entities(tc260("1"))}"/>`)),
  ]),
  "an action camera": jpeg([
    jpegExif(tiff({ [Tag.Make]: "Firefly", [Tag.Model]: "8SE", [Tag.Software]: "Gemini 1.0" })),
  ]),
  "a printer's settings": inComment("Steps: 4, Size: A4, Model: Garden Press, Time: long"),
  "a map's parameters as JSON": inParameters(json({ prompt: "Where?", seed: 3, base_model: "globe" })),
  "compositeSynthetic, algorithmicMedia and digitalArt": jpeg(
    ["compositeSynthetic", "algorithmicMedia", "digitalArt"].map((term) =>
      jpegXmp(sourceType(tam.replace("trainedAlgorithmicMedia", term))),
    ),
  ),
}
for (const [name, bytes] of Object.entries(nothing)) {
  test(`${name}: no signal`, () => assert.deepEqual(signalsIn(bytes), []))
}
