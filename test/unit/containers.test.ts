import assert from "node:assert/strict"
import { test } from "node:test"
import { Tag } from "../../classifiers/image/container/exif.ts"
import { formatOf } from "../../classifiers/image/container/format.ts"
import { readGif } from "../../classifiers/image/container/gif.ts"
import { readHeif } from "../../classifiers/image/container/heif.ts"
import { readJpeg } from "../../classifiers/image/container/jpeg.ts"
import { readJxl } from "../../classifiers/image/container/jxl.ts"
import type { Metadata } from "../../classifiers/image/container/metadata.ts"
import { readPng } from "../../classifiers/image/container/png.ts"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { readTiff } from "../../classifiers/image/container/tiff.ts"
import { readWebp } from "../../classifiers/image/container/webp.ts"
import { readXmp } from "../../classifiers/image/container/xmp.ts"
import {
  box,
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
  superbox,
  tiff,
  userComment,
  webp,
  xmp,
} from "../support/image-bytes.ts"

test("a file's type is told by its bytes", () => {
  const ftyp = (brand: string) => box("ftyp", Buffer.from(`${brand}\0\0\0\0mif1`))
  const heads: [string | Uint8Array, string][] = [
    [png(), "png"],
    [jpeg([]), "jpeg"],
    [webp([]), "webp"],
    ["GIF89a\x01\0\x01\0\0\0\0;", "gif"],
    [ftyp("avif"), "avif"],
    [ftyp("heic"), "heic"],
    [ftyp("isom").fill("qt  ", 16), "unknown"],
    ["II*\0\x08\0\0\0", "tiff"],
    ["\xff\x0a", "jxl"],
    ["\0\0\0\x0cJXL \r\n\x87\n", "jxl"],
    [`BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x03\0\0\0`, "bmp"],
    ['<?xml version="1.0"?><!-- a gnome --><svg xmlns="x">', "svg"],
    ["<!DOCTYPE html><html><svg>", "unknown"],
    ["", "unknown"],
    ["plain text", "unknown"],
  ]
  for (const [bytes, format] of heads) {
    assert.equal(formatOf(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes), format)
  }
})

test("PNG texts are read before and after the picture, packed or not", () => {
  const after = [pngText("late", "after the picture"), pngInternational("umlaut", "Gärtner", true)]
  const found = readMetadata(png({ before: [pngText("early", "plain"), pngZipped("packed", "text")], after }))
  assert.deepEqual(
    found.texts.map(({ carrier, key, value }) => [carrier, key, value]),
    [
      ["png:tEXt", "early", "plain"],
      ["png:zTXt", "packed", "text"],
      ["png:tEXt", "late", "after the picture"],
      ["png:iTXt", "umlaut", "Gärtner"],
    ],
  )
  assert.deepEqual([found.width, found.height, found.truncated, found.trailingBytes], [8, 8, false, 0])
})

test("a PNG text that unpacks to more than the limit is left out, and the others are read", () => {
  const found = readMetadata(png({ before: [pngZipped("bomb", "a".repeat(5 << 20)), pngText("key", "value")] }))
  assert.deepEqual(
    found.texts.map(({ key }) => key),
    ["key"],
  )
})

test("many packed texts together unpack to a bounded amount", () => {
  const bombs = Array.from({ length: 60 }, () => pngZipped("bomb", "a".repeat(3 << 20)))
  const found = readMetadata(png({ before: bombs }))
  assert.ok(found.texts.length <= 6, `${found.texts.length} texts`)
})

test("a cut PNG is known as truncated, and bytes after the end are counted", () => {
  const whole = png()
  assert.equal(readMetadata(whole.subarray(0, -20)).truncated, true)
  assert.equal(readMetadata(Buffer.concat([whole, Buffer.from("tail")])).trailingBytes, 4)
})

test("a PNG chunk that claims four gigabytes ends the walk", () => {
  const lying = Buffer.concat([
    png().subarray(0, 33),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    Buffer.from("tEXtkey\0value"),
  ])
  assert.equal(readMetadata(lying).truncated, true)
})

test("JPEG segments give size, EXIF, XMP and comments; stuffed bytes and restarts don't end the scan", () => {
  const segments = [jpegExif(tiff({ [Tag.Software]: "GnomeCam 1" })), jpegXmp("<x/>"), jpegSegment(0xfe, "a comment")]
  const found = readMetadata(jpeg(segments))
  assert.deepEqual([found.width, found.height, found.truncated, found.trailingBytes], [64, 48, false, 0])
  assert.equal(found.exif[0]?.texts.get(Tag.Software), "GnomeCam 1")
  assert.equal(found.xmp[0]?.value, "<x/>")
  assert.deepEqual(found.texts, [{ carrier: "jpeg:COM", key: "comment", value: "a comment" }])
  assert.equal(readMetadata(jpeg(segments).subarray(0, -3)).truncated, true)
})

test("a JUMBF box cut over JPEG segments in any order is put together again", () => {
  const store = superbox("c2pa", box("free", Buffer.from("0123456789abcdefghij")))
  const parts = jpegJumbf(store, 7)
  assert.ok(parts.length > 3)
  const found = readMetadata(jpeg([parts[2]!, parts[0]!, parts[1]!, ...parts.slice(3), parts[1]!]))
  assert.deepEqual(Buffer.from(found.jumbf[0]!.bytes), store)
})

test("WebP chunks of odd length are padded, and size, EXIF, XMP and C2PA found", () => {
  const found = readMetadata(
    webp([
      ["XMP ", "<x/>."],
      ["EXIF", tiff({ [Tag.Make]: "Gnome" }, "II")],
      ["C2PA", "store"],
    ]),
  )
  assert.deepEqual([found.width, found.height, found.truncated], [64, 48, false])
  assert.equal(found.exif[0]?.texts.get(Tag.Make), "Gnome")
  assert.equal(found.xmp[0]?.value, "<x/>.")
  assert.equal(Buffer.from(found.jumbf[0]!.bytes).toString(), "store")
})

test("a UserComment is read with every character set prefix, both byte orders, and none", () => {
  const text = "Gärtner, Steps: 20"
  const comments: Record<string, string | Uint8Array> = {
    "big endian": userComment(text, "be"),
    "little endian": userComment(text, "le"),
    "byte order mark": Buffer.concat([Buffer.from("UNICODE\0\xff\xfe", "latin1"), Buffer.from(text, "utf16le")]),
    ASCII: Buffer.concat([Buffer.from("ASCII\0\0\0"), Buffer.from(text)]),
    undefined: Buffer.concat([Buffer.alloc(8), Buffer.from(text)]),
    "no prefix": text,
  }
  for (const [name, value] of Object.entries(comments)) {
    for (const order of ["II", "MM"] as const) {
      const found = readMetadata(png({ before: [pngChunk("eXIf", tiff({ [Tag.UserComment]: value }, order))] }))
      assert.equal(found.exif[0]?.texts.get(Tag.UserComment), text, `${name} ${order}`)
    }
  }
})

test("an EXIF directory that points at itself or outside is read once and without harm", () => {
  const block = tiff({ [Tag.Make]: "Gnome" })
  const looped = Buffer.from(block)
  looped.writeUInt32BE(8, 8 + 2 + 12 + 8)
  const outside = Buffer.from(block)
  outside.writeUInt32BE(0xfffffff0, 8 + 2 + 8)
  const huge = Buffer.from(block)
  huge.writeUInt32BE(0xffffffff, 8 + 2 + 4)
  for (const exif of [looped, outside, huge, block.subarray(0, 14), Buffer.from("MM\0*\xff\xff\xff\xff", "latin1")]) {
    assert.equal(readMetadata(png({ before: [pngChunk("eXIf", exif)] })).width, 8)
  }
})

test("XMP properties are told by namespace, whatever the prefix and form", () => {
  const namespace = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
  const forms = [
    `xmlns:p="${namespace}" p:DigitalSourceType="a&amp;b"/>`,
    `xmlns:q="${namespace}"><q:DigitalSourceType>a&#38;b</q:DigitalSourceType></rdf:Description>`,
    `xmlns:q="${namespace}"><q:DigitalSourceType rdf:resource="a&#x26;b"/></rdf:Description>`,
    `xmlns:q="${namespace}"><q:DigitalSourceType><rdf:Alt><rdf:li>a&amp;b</rdf:li></rdf:Alt></q:DigitalSourceType></rdf:Description>`,
    `xmlns:q="${namespace}"><!-- <q:DigitalSourceType>no</q:DigitalSourceType> --><q:DigitalSourceType><![CDATA[a&b]]></q:DigitalSourceType></rdf:Description>`,
  ]
  for (const form of forms) {
    const values = readXmp(xmp(form)).filter((p) => p.namespace === namespace && p.name === "DigitalSourceType")
    assert.deepEqual(
      values.map(({ value }) => value),
      ["a&b"],
      form,
    )
  }
})

test("XMP entities of a document type do not expand", () => {
  const packet = `<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY b "&a;&a;">]><p:v xmlns:p="n">&b;</p:v>`
  assert.deepEqual(
    readXmp(packet).map(({ value }) => value),
    ["&b;"],
  )
})

test("every prefix of a file, and the file with any byte changed, is walked without an exception", () => {
  const exif = tiff({ [Tag.Make]: "Gnome", [Tag.UserComment]: userComment("text") })
  const store = superbox("c2pa", superbox("urn:uuid:1", superbox("c2pa.assertions")))
  const files: [(bytes: Uint8Array) => Metadata, Buffer][] = [
    [
      readPng,
      png({ before: [pngChunk("eXIf", exif), pngZipped("k", "v"), pngInternational("XML:com.adobe.xmp", xmp("/>"))] }),
    ],
    [readJpeg, jpeg([jpegExif(exif), ...jpegJumbf(store, 11), jpegXmp(xmp("/>"))])],
    [
      readWebp,
      webp([
        ["EXIF", exif],
        ["C2PA", store],
      ]),
    ],
    [readTiff, tiff({ [Tag.Make]: "Gnome" })],
    [
      readGif,
      Buffer.from(
        "GIF89a\x02\0\x02\0\x80\0\0abcdef!\xfe\x05gnome\0,\0\0\0\0\x02\0\x02\0\0\x02\x02\x84\x51\0;",
        "latin1",
      ),
    ],
    [(bytes) => readHeif(bytes, "avif"), Buffer.concat([box("ftyp", Buffer.from("avif\0\0\0\0mif1")), meta])],
    [
      readJxl,
      Buffer.concat([box("JXL ", Buffer.from("\r\n\x87\n", "latin1")), box("jxlc", codestream), box("jumb", store)]),
    ],
  ]
  for (const [read, file] of files) {
    for (let at = 0; at < file.length; at++) {
      read(file.subarray(0, at))
      const changed = Buffer.from(file)
      changed[at]! ^= 0xff
      read(changed)
    }
    const { width, height } = read(file)
    if (read !== readTiff) assert.ok(width && height, read.name)
  }
})

test("sizes of GIF, AVIF and JPEG XL are read from their headers", () => {
  assert.deepEqual(sizeOf(Buffer.from("GIF89a\x40\x01\xf0\0\0\0\0;", "latin1")), [320, 240])
  assert.deepEqual(sizeOf(Buffer.concat([box("ftyp", Buffer.from("avif\0\0\0\0mif1")), meta])), [640, 480])
  assert.deepEqual(sizeOf(codestream), [64, 48])
})

function sizeOf(bytes: Uint8Array): (number | undefined)[] {
  const { width, height } = readMetadata(bytes)
  return [width, height]
}

const extent = box("ispe", Buffer.from([0, 0, 0, 0, 0, 0, 2, 128, 0, 0, 1, 224]))
const meta = box("meta", Buffer.alloc(4), box("iprp", box("ipco", extent)))
/** Small (1), height 48 as five bits of 48 / 8 - 1, ratio 3 (4:3). */
const codestream = Buffer.concat([Buffer.from([0xff, 0x0a, 1 | (5 << 1) | ((3 & 3) << 6), 0]), Buffer.alloc(12)])
