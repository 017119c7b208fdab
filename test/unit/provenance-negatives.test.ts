import assert from "node:assert/strict"
import { test } from "node:test"
import { Tag } from "../../classifiers/image/container/exif.ts"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { readFacts } from "../../classifiers/image/provenance/read-facts.ts"
import { readSignals } from "../../classifiers/image/provenance/read-signals.ts"
import { c2paStore, manifest } from "../support/c2pa-bytes.ts"
import {
  box,
  jpeg,
  jpegExif,
  jpegJumbf,
  jpegXmp,
  png,
  pngChunk,
  pngText,
  sourceType,
  superbox,
  tam,
  tiff,
  userComment,
  xmp,
} from "../support/image-bytes.ts"

const line =
  "Steps: 20, Sampler: DPM++ 2M, CFG scale: 7, Seed: 42, Size: 512x512, Model hash: c0ffee1234, Model: gardenMix_v2, Version: v1.10.1"
const a1111 = `a garden gnome\nNegative prompt: hedgehog\n${line}`
const comment = (value: string) => tiff({ [Tag.UserComment]: userComment(value) })

const captions: Record<string, Uint8Array> = {
  "parameters quoted in an EXIF caption": jpeg([jpegExif(tiff({ [Tag.ImageDescription]: a1111 }))]),
  "parameters quoted in a PNG caption": png({ before: [pngText("Description", a1111), pngText("Comment", a1111)] }),
  "parameters quoted in a sentence of a UserComment": jpeg([jpegExif(comment(`I used ${line} for the poster`))]),
  "parameters with prose after them": jpeg([jpegExif(comment(`${a1111}\nThanks for looking at my gnomes!`))]),
  "a recipe with steps": jpeg([jpegExif(comment("Soup.\nSteps: 3, Size: large, Model: soup, Time: long"))]),
  "a caption that names generators": png({
    before: [pngText("Description", "Not made with Midjourney or NovelAI"), pngText("Title", "Stable Diffusion")],
  }),
  "a scanner whose name holds a generator's": png({ before: [pngText("Software", "Imagenation VME")] }),
  "other JSON under ComfyUI's keys": png({
    before: [pngText("prompt", '{"a": 1}'), pngText("workflow", '{"nodes": []}')],
  }),
  "a plain prompt text": png({
    before: [pngText("prompt", "Type your name"), pngText("parameters", '{"base_model": "a", "version": 3}')],
  }),
  "IPTC algorithmicMedia": jpeg([
    jpegXmp(sourceType("http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia")),
  ]),
  "IPTC digitalCapture": jpeg([jpegXmp(sourceType("http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"))]),
  "the IPTC term in a caption": jpeg([
    jpegXmp(xmp(`xmlns:d="http://purl.org/dc/elements/1.1/" d:description="${tam}"/>`)),
  ]),
  "C2PA of an edit": png({
    before: [pngChunk("caBX", c2paStore(manifest("urn:c2pa:1", [{ action: "c2pa.cropped" }])))],
  }),
  "C2PA that names a generator without the source type": png({
    before: [
      pngChunk("caBX", c2paStore(manifest("urn:c2pa:1", [{ action: "c2pa.created", softwareAgent: "Adobe Firefly" }]))),
    ],
  }),
}

for (const [name, bytes] of Object.entries(captions)) {
  test(`${name}: no signal`, () => {
    assert.deepEqual(readSignals(readMetadata(bytes)), [])
  })
}

test("a camera's EXIF, a C2PA store and bytes after the end are facts, no signals", () => {
  const camera = tiff({ [Tag.Make]: "Gnome", [Tag.ExposureTime]: "1/60", [Tag.Model]: "GX-1" })
  const store = c2paStore(manifest("urn:c2pa:1", [{ action: "c2pa.created" }]))
  const found = readMetadata(Buffer.concat([jpeg([jpegExif(camera), ...jpegJumbf(store, 200)]), Buffer.from("tail")]))
  assert.deepEqual(readFacts(found), ["camera-exif", "c2pa", "trailing-bytes"])
  assert.deepEqual(readSignals(found), [])
  assert.deepEqual(readFacts(readMetadata(jpeg([jpegExif(tiff({ [Tag.Make]: "Gnome" }))]))), [])
})

test("names are cut to size and freed of folders and control characters", () => {
  const model = `C:\\Users\\somebody\\models\\${"m".repeat(500)}\x07.safetensors`
  const [signal] = readSignals(
    readMetadata(png({ before: [pngText("parameters", `x\n${line.replace("gardenMix_v2", model)}`)] })),
  )
  assert.equal(signal?.model?.length, 300)
  assert.match(signal!.model!, /^m+$/)
})

test("hostile blocks are read in bounded time", () => {
  const deep = (count: number) => "[".repeat(count)
  const nested = (depth: number): Buffer => (depth === 0 ? Buffer.alloc(0) : superbox("x", nested(depth - 1)))
  const hostile = [
    `x\nSteps: 1, ${"a:".repeat(100_000)}`,
    `x\nSteps: 1, Hashes: ${"{".repeat(200_000)}`,
    `x\nSteps: 1, Seed: 1, Size: 1${", Model: ".repeat(20_000)}`,
    `${"<lora:".repeat(100_000)}\n${line}`,
    `{"prompt": ${deep(500_000)}`,
    `{"a":${" ".repeat(500_000)}NaN,`.repeat(2),
    "\n".repeat(500_000),
    `x\nSteps: 1, Seed: 1, Size: 1${", A: {".repeat(40_000)}`,
    `x\nSteps: 1, Seed: 1, Size: 1${', A: "'.repeat(40_000)}`,
  ]
  const started = performance.now()
  for (const value of hostile) {
    readSignals(
      readMetadata(
        png({ before: [pngText("parameters", value), pngText("prompt", value), pngText("Description", value)] }),
      ),
    )
    readSignals(readMetadata(jpeg([jpegXmp(`<a ${value.slice(0, 60_000)}`)])))
  }
  readSignals(readMetadata(png({ before: [pngText("XML:com.adobe.xmp", "<a b='".repeat(400_000))] })))
  readSignals(readMetadata(png({ before: [pngText("XML:com.adobe.xmp", "<a b=''>&#1;".repeat(200_000))] })))
  readSignals(readMetadata(png({ before: [pngChunk("caBX", superbox("c2pa", nested(200)))] })))
  const many = box("cbor", Buffer.concat([Buffer.from("9affffffff", "hex"), Buffer.alloc(100_000)]))
  const assertions = superbox("c2pa.assertions", ...Array.from({ length: 50 }, () => superbox("c2pa.actions", many)))
  readSignals(readMetadata(png({ before: [pngChunk("caBX", superbox("c2pa", superbox("urn:1", assertions)))] })))
  assert.ok(performance.now() - started < 20_000)
})
