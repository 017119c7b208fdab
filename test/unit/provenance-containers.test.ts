import assert from "node:assert/strict"
import { test } from "node:test"
import { brotliCompressSync } from "node:zlib"
import { Tag } from "../../classifiers/image/container/exif.ts"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { readFacts } from "../../classifiers/image/provenance/read-facts.ts"
import { readSignals } from "../../classifiers/image/provenance/read-signals.ts"
import {
  brob,
  c2paUuid,
  exifItem,
  gifApplication,
  type HeifItemPlan,
  heif,
  jxl,
  photoshop,
  withSamsungTrailer,
} from "../support/box-bytes.ts"
import { c2paStore, created, manifest } from "../support/c2pa-bytes.ts"
import {
  box,
  gif,
  jpeg,
  jpegExif,
  jpegSegment,
  jpegXmp,
  png,
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
const a1111 = `${secret}\nNegative prompt: blurry hedgehog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x512, Model: gardenMix_v2, Version: v1.10.1`
const exif = tiff({ [Tag.UserComment]: userComment(a1111) })
const graph = JSON.stringify({
  "3": { class_type: "KSampler", inputs: { seed: 1, model: ["4", 0] } },
  "4": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "gardenMix_v2" } },
})
const packet = sourceType(tam)
const store = c2paStore(manifest("urn:c2pa:1", [created(tam, "GPT-4o")]))

const asExif = (data: Uint8Array, place: "mdat" | "idat", extents = 1): HeifItemPlan => ({
  type: "Exif",
  data: exifItem(data),
  in: place,
  extents,
})
const asXmp = (place: "mdat" | "idat"): HeifItemPlan => ({
  type: "mime",
  mediaType: "application/rdf+xml",
  data: Buffer.from(packet),
  in: place,
})
const picture: HeifItemPlan = { type: "av01", data: Buffer.alloc(50, 7), in: "mdat" }

const traces: Record<string, [Uint8Array, string, string]> = {
  "AVIF EXIF in the file": [heif("avif", [picture, asExif(exif, "mdat")]), "automatic1111", "avif:Exif:UserComment"],
  "AVIF EXIF in idat": [heif("avif", [picture, asExif(exif, "idat")]), "automatic1111", "avif:Exif:UserComment"],
  "AVIF EXIF in three extents": [heif("avif", [asExif(exif, "mdat", 3)]), "automatic1111", "avif:Exif:UserComment"],
  "AVIF EXIF by the oldest iloc": [
    heif("avif", [asExif(exif, "mdat")], [], 0),
    "automatic1111",
    "avif:Exif:UserComment",
  ],
  "AVIF EXIF by the newest iloc": [
    heif("avif", [asExif(exif, "mdat")], [], 2),
    "automatic1111",
    "avif:Exif:UserComment",
  ],
  "HEIC EXIF": [heif("heic", [asExif(exif, "mdat")]), "automatic1111", "heic:Exif:UserComment"],
  "AVIF EXIF of ComfyUI": [
    heif("avif", [asExif(tiff({ [Tag.Model]: `prompt:${graph}` }), "mdat")]),
    "comfyui",
    "avif:Exif:prompt",
  ],
  "AVIF XMP in the file": [heif("avif", [asXmp("mdat")]), "iptc", "avif:mime:xmp"],
  "HEIC XMP in idat": [heif("heic", [picture, asXmp("idat")]), "iptc", "heic:mime:xmp"],
  "AVIF C2PA": [heif("avif", [picture], [c2paUuid(store)]), "c2pa", "avif:uuid"],
  "HEIC C2PA": [heif("heic", [picture], [c2paUuid(store)]), "c2pa", "heic:uuid"],
  "JPEG XL EXIF": [jxl(box("Exif", exifItem(exif))), "automatic1111", "jxl:Exif:UserComment"],
  "JPEG XL XMP": [jxl(box("xml ", Buffer.from(packet))), "iptc", "jxl:xml:xmp"],
  "JPEG XL C2PA": [jxl(store), "c2pa", "jxl:jumb"],
  "JPEG XL packed EXIF": [jxl(brob("Exif", exifItem(exif))), "automatic1111", "jxl:brob:Exif:UserComment"],
  "JPEG XL packed XMP": [jxl(brob("xml ", Buffer.from(packet))), "iptc", "jxl:brob:xml:xmp"],
  "JPEG XL packed C2PA": [jxl(brob("jumb", store.subarray(8))), "c2pa", "jxl:brob:jumb"],
  "TIFF XMP": [tiff({ 700: Buffer.from(packet) }), "iptc", "tiff:700:xmp"],
  "TIFF C2PA": [tiff({ 52545: store }, "II"), "c2pa", "tiff:C2PA"],
  "GIF XMP": [gifApplication("XMP DataXMP", Buffer.from(packet), false), "iptc", "gif:XMP:xmp"],
  "GIF C2PA": [gifApplication("C2PA_GIF\x01\0\0", store, true), "c2pa", "gif:C2PA_GIF"],
  "GIF comment": [gif(a1111), "automatic1111", "gif:comment"],
}
for (const [name, [bytes, family, carrier]] of Object.entries(traces)) {
  test(`${name}: the trace is strong, and names its place`, () => {
    const signals = readSignals(readMetadata(bytes))
    assert.deepEqual(
      signals.map((signal) => [signal.family, signal.strength, signal.carrier]),
      [[family, "strong", carrier]],
    )
    assert.ok(!JSON.stringify(signals).includes("gnome"))
  })
}

test("a packed box that unpacks to more than the limit, or is none, is left out", () => {
  const bomb = box("brob", Buffer.from("xml "), brotliCompressSync(Buffer.alloc(5 << 20, "a")))
  const noise = box("brob", Buffer.from("Exif"), Buffer.from("no brotli here"))
  const nested = brob("brob", brob("xml ", Buffer.from(packet)))
  const found = readMetadata(jxl(bomb, noise, nested, box("xml ", Buffer.from(packet))))
  assert.deepEqual([found.xmp.length, found.exif.length], [1, 0])
  const many = Array.from({ length: 50 }, () => brob("xml ", Buffer.from(packet)))
  assert.ok(readMetadata(jxl(...many)).xmp.length <= 4)
})

test("AVIF items that point outside, at themselves or claim to be endless are read without harm", () => {
  const whole = heif("avif", [picture, asExif(exif, "mdat"), asXmp("idat")])
  for (let at = 0; at < whole.length; at++) {
    readMetadata(whole.subarray(0, at))
    for (const value of [0xff, 0x00, 0x7f]) {
      const changed = Buffer.from(whole)
      changed[at] = value
      readMetadata(changed)
    }
  }
  // No widths at all, and four thousand million items of 65535 extents each.
  const endless = box("iloc", Buffer.from([2, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]), Buffer.alloc(40_000, 0xff))
  const entry = box("infe", Buffer.from([2, 0, 0, 0, 0xff, 0xff, 0, 0]), Buffer.from("Exif\0"))
  const names = box("iinf", Buffer.from([0, 0, 0, 0, 0, 1]), entry)
  const file = Buffer.concat([
    box("ftyp", Buffer.from("avif\0\0\0\0mif1")),
    box("meta", Buffer.alloc(4), names, endless),
  ])
  assert.deepEqual(readMetadata(file).exif, [])
})

const drawThings = JSON.stringify({
  c: secret,
  uc: "blurry hedgehog",
  lora: [{ model: "moss_lora_f16.ckpt", weight: 0.8 }],
  model: "garden_mix_q6p.ckpt",
  sampler: "DPM++ 2M Karras",
  scale: 7,
  seed: 42,
  seed_mode: "Scale Alike",
  size: "512x512",
  steps: 20,
  strength: 1,
})
const drawThingsXmp = xmp(
  `xmlns:x="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"><x:CreatorTool>Draw Things</x:CreatorTool><exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">${drawThings.replaceAll('"', "&quot;")}</rdf:li></rdf:Alt></exif:UserComment></rdf:Description>`,
)
const drawThingsFiles: Record<string, Uint8Array> = {
  "PNG texts": png({
    before: [pngText("Software", "Draw Things"), pngText("Description", secret), pngText("Comment", drawThings)],
  }),
  "PNG XMP": png({ before: [pngInternational("XML:com.adobe.xmp", drawThingsXmp)] }),
  "JPEG XMP and EXIF": jpeg([
    jpegXmp(drawThingsXmp),
    jpegExif(tiff({ [Tag.Software]: "Draw Things", [Tag.UserComment]: userComment(drawThings) })),
  ]),
  "WebP XMP": webp([["XMP ", drawThingsXmp]]),
  "a PNG comment alone": png({ before: [pngText("Comment", drawThings)] }),
}
for (const [name, bytes] of Object.entries(drawThingsFiles)) {
  test(`Draw Things in ${name} is strong, named once, and gives no prompt away`, () => {
    const [signal, ...more] = readSignals(readMetadata(bytes))
    const { carrier, ...rest } = signal!
    assert.ok(carrier)
    assert.deepEqual(more, [])
    assert.deepEqual(rest, {
      family: "draw-things",
      strength: "strong",
      generator: "draw-things",
      model: "garden_mix_q6p.ckpt",
      loras: [{ name: "moss_lora_f16.ckpt" }],
      prompt: { length: secret.length },
    })
  })
}

test("Google's credit is moderate in IPTC and in XMP, and not said twice", () => {
  const credit = "Made with Google AI"
  const iptc = photoshop([
    [120, secret],
    [110, credit],
  ])
  const inXmp = xmp(`xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:Credit="${credit}"/>`)
  const hex = `\niptc\n${String(iptc.length).padStart(8)}\n${iptc.toString("hex").replaceAll(/.{72}/g, "$&\n")}\n`
  for (const bytes of [
    jpeg([jpegSegment(0xed, iptc)]),
    jpeg([jpegXmp(inXmp), jpegSegment(0xed, iptc)]),
    png({ before: [pngZipped("Raw profile type iptc", hex)] }),
  ]) {
    const signals = readSignals(readMetadata(bytes))
    assert.deepEqual(
      signals.map(({ family, strength, generator }) => [family, strength, generator]),
      [["generator-tag", "moderate", "google"]],
    )
  }
})

test("a program's name in IPTC is moderate", () => {
  const [signal] = readSignals(readMetadata(jpeg([jpegSegment(0xed, photoshop([[65, "Adobe Firefly"]]))])))
  assert.deepEqual(signal, {
    family: "generator-tag",
    strength: "moderate",
    generator: "adobe",
    carrier: "jpeg:APP13",
  })
})

test("a thousand boxes of large items take no more than one does", () => {
  const large = Buffer.alloc(1 << 20, "<a/>")
  const item = { type: "mime", mediaType: "application/rdf+xml", data: large, in: "mdat", extents: 2 } as const
  const one = heif("avif", [item])
  const meta = one.subarray(one.indexOf("meta") - 4, one.indexOf("mdat") - 4)
  const found = readMetadata(Buffer.concat([one, ...Array.from({ length: 1000 }, () => meta)]))
  assert.equal(found.xmp.length, 1)
})

test("Photoshop resources cut anywhere, or of a wrong size, are read without harm", () => {
  const whole = photoshop([[110, "Made with Google AI"]])
  for (let at = 0; at < whole.length; at++) {
    readMetadata(jpeg([jpegSegment(0xed, whole.subarray(0, at))]))
    const changed = Buffer.from(whole)
    changed[at] = 0xff
    assert.equal(readMetadata(jpeg([jpegSegment(0xed, changed)])).width, 64)
  }
})

const edited = '{"version":"v1","connectorType":"srvg","genAIType":8}'

test("Galaxy AI's note behind a picture is moderate, alone, quoted within JSON, or among other entries", () => {
  const quoted = JSON.stringify({ clipInfoValue: edited, isNewReEditOnly: false })
  for (const [file, entries, key] of [
    [png(), { PEg_Info: edited }, "png:SEF:PEg_Info"],
    [jpeg([]), { Image_UTC_Data: "1700000000000", PEg_Info: edited }, "jpeg:SEF:PEg_Info"],
    [jpeg([]), { PhotoEditor_Re_Edit_Data: quoted }, "jpeg:SEF:PhotoEditor_Re_Edit_Data"],
  ] as const) {
    assert.deepEqual(readSignals(readMetadata(withSamsungTrailer(file, entries))), [
      { family: "samsung", strength: "moderate", carrier: key, generator: "samsung", extent: "part" },
    ])
  }
})

test("an edit without a generative tool, and the same words elsewhere behind a picture, are no signal", () => {
  const none: Uint8Array[] = [
    withSamsungTrailer(jpeg([]), { PEg_Info: edited.replace(":8", ":0") }),
    withSamsungTrailer(jpeg([]), { MotionPhoto_Data: edited, PEg_Info: "see genAIType: 8" }),
    Buffer.concat([jpeg([]), Buffer.from(edited)]),
    png({ before: [pngText("PEg_Info", edited)] }),
  ]
  for (const bytes of none) assert.deepEqual(readSignals(readMetadata(bytes)), [])
})

test("a Samsung block with any byte changed is read without harm", () => {
  const whole = withSamsungTrailer(jpeg([]), { Image_UTC_Data: "1", PEg_Info: edited })
  for (let at = jpeg([]).length; at < whole.length; at++) {
    for (const value of [0, 0x7f, 0xff]) {
      const changed = Buffer.from(whole)
      changed[at] = value
      assert.equal(readMetadata(changed).width, 64)
    }
  }
})

test("a Hugging Face job's number is weak", () => {
  const job = (value: string) => readSignals(readMetadata(png({ before: [pngText("hf-job-id", value)] })))
  assert.deepEqual(job("0b7f3a4e-1d53-4f6e-9a51-5f7d6c1e2a90"), [
    { family: "hf-job", strength: "weak", carrier: "png:tEXt:hf-job-id" },
  ])
  assert.deepEqual(job("see the hf-job-id below"), [])
})

test("a character card is a fact and a weak signal, and nothing of it is kept", () => {
  const fields = { name: "Gustav", description: secret, personality: "earthy", first_mes: "Good morning, fern." }
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64")
  const cards: Record<string, string> = {
    chara: base64(fields),
    ccv3: base64({ spec: "chara_card_v3", spec_version: "3.0", data: fields }),
  }
  for (const [key, value] of [...Object.entries(cards), ["chara", base64({ spec: "chara_card_v2", data: fields })]]) {
    const found = readMetadata(png({ before: [pngText(key!, value!)] }))
    const signal = { family: "character-card", strength: "weak", carrier: `png:tEXt:${key}` }
    assert.deepEqual([readFacts(found), readSignals(found)], [["character-card"], [signal]])
  }
  const none = [
    "Gustav",
    base64({ name: "Gustav" }),
    base64([fields]),
    "eyJuYW1lIjoi".repeat(100_000),
    JSON.stringify(fields),
  ]
  for (const value of none) {
    assert.deepEqual(readFacts(readMetadata(png({ before: [pngText("chara", value)] }))), [])
    assert.deepEqual(readSignals(readMetadata(png({ before: [pngText("chara", value)] }))), [])
  }
})

const captions: Record<string, Uint8Array> = {
  "an IPTC caption that quotes parameters and names a generator": jpeg([
    jpegSegment(
      0xed,
      photoshop([
        [120, a1111],
        [105, "Made with Google AI"],
        [110, "Not made with Google AI"],
      ]),
    ),
  ]),
  "an AVIF caption that quotes parameters": heif("avif", [asExif(tiff({ [Tag.ImageDescription]: a1111 }), "mdat")]),
  "an AVIF item of another media type": heif("avif", [
    { type: "mime", mediaType: "text/plain", data: Buffer.from(packet), in: "mdat" },
  ]),
  "a JPEG XL with a caption in XMP": jxl(
    brob("xml ", Buffer.from(xmp(`xmlns:d="http://purl.org/dc/elements/1.1/" d:description="${tam}"/>`))),
  ),
  "a GIF comment that names a generator": gif("Made in memory of Draw Things and NovelAI"),
  "JSON with a few of Draw Things' keys": png({
    before: [pngText("Comment", JSON.stringify({ c: "red", uc: "blue", scale: 2 }))],
  }),
}
for (const [name, bytes] of Object.entries(captions)) {
  test(`${name}: no signal`, () => assert.deepEqual(readSignals(readMetadata(bytes)), []))
}
