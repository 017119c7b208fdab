import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { encode } from "cbor2"
import { c2paUuid, gifApplication, heif, jxl } from "../support/box-bytes.ts"
import { c2paStore, created, manifest } from "../support/c2pa-bytes.ts"
import {
  blackPng,
  box,
  jpeg,
  jpegExif,
  jpegJumbf,
  jpegSegment,
  jpegXmp,
  png,
  pngChunk,
  superbox,
  tam,
  tiff,
  webp,
} from "../support/image-bytes.ts"
import { stealthPng } from "../support/stealth-bytes.ts"

const mebibyte = 1 << 20
const zeros = (size: number) => Buffer.alloc(size, "a")

/** XML whose entities would unfold to a thousand million times a word, if anybody unfolded them. */
const laughs = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "gnome">${"bcdefghij"
  .split("")
  .map((name, index) => `<!ENTITY ${name} "${`&${"abcdefghi"[index]};`.repeat(10)}">`)
  .join("")}<!ENTITY loop "&loop;"><!ENTITY file SYSTEM "file:///etc/passwd">]><x>&j;&loop;&file;</x>`

const nestedCbor = (depth: number) => Buffer.concat([Buffer.alloc(depth, 0x81), Buffer.of(0)])
const nestedMaps = (depth: number) =>
  Buffer.concat([...Array.from({ length: depth }, () => Buffer.from("a16161", "hex")), Buffer.of(0)])
const nestedBoxes = (depth: number): Buffer => {
  let inner: Buffer = Buffer.alloc(0)
  for (let level = 0; level < depth; level++) inner = superbox("c2pa.assertions", inner)
  return inner
}

function storeWith(cbor: Uint8Array): Buffer {
  return superbox(
    "c2pa",
    superbox("urn:c2pa:1", superbox("c2pa.assertions", superbox("c2pa.actions", box("cbor", cbor)))),
  )
}

function sized(width: number, height: number): Buffer {
  const file = png()
  file.writeUInt32BE(width, 16)
  file.writeUInt32BE(height, 20)
  return file
}

/** Box whose length is a lie of 64 bits. */
function longBox(type: string, length: bigint): Buffer {
  const head = Buffer.alloc(16)
  head.writeUInt32BE(1)
  head.write(type, 4, "latin1")
  head.writeBigUInt64BE(length, 8)
  return head
}

/** A directory that names itself, and values that lie beyond the file. */
function loopingTiff(): Buffer {
  const file = Buffer.alloc(8 + 2 + 3 * 12 + 4)
  file.write("II*\0", 0, "latin1")
  file.writeUInt32LE(8, 4)
  file.writeUInt16LE(3, 8)
  const entries = [
    [0x8769, 4, 1, 8],
    [0x9286, 7, 0xffffffff, 8],
    [0x010e, 2, 0x7fffffff, 0xfffffff0],
  ] as const
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + index * 12
    file.writeUInt16LE(tag, at)
    file.writeUInt16LE(type, at + 2)
    file.writeUInt32LE(count, at + 4)
    file.writeUInt32LE(value, at + 8)
  }
  file.writeUInt32LE(8, 46)
  return file
}

/** Files made to do harm, by name: each is a case that a reader somewhere has fallen for. */
export const hostileFiles: Readonly<Record<string, () => Buffer>> = {
  "a PNG text that unpacks to 16 MiB": () =>
    png({
      before: [pngChunk("zTXt", Buffer.concat([Buffer.from("parameters\0\0"), deflateSync(zeros(16 * mebibyte))]))],
    }),
  "two hundred PNG texts that unpack to 4 MiB each": () => {
    const chunk = pngChunk(
      "zTXt",
      Buffer.concat([Buffer.from("parameters\0\0"), deflateSync(zeros(4 * mebibyte - 10))]),
    )
    return png({ before: Array.from({ length: 200 }, () => chunk) })
  },
  "a PNG colour profile that unpacks to 16 MiB": () =>
    png({
      before: [pngChunk("iCCP", Buffer.concat([Buffer.from("gnome\0\0"), deflateSync(zeros(16 * mebibyte))]))],
    }),
  "an international text within a text": () =>
    png({
      before: [
        pngChunk("iTXt", Buffer.concat([Buffer.from("prompt\0\x01\0\0\0"), deflateSync(deflateSync(zeros(mebibyte)))])),
      ],
    }),
  "a stealth text that unpacks to 16 MiB": () =>
    stealthPng({ plane: "rgb", magic: "stealth_rgbcomp", payload: gzipSync(zeros(16 * mebibyte)) }, 800, 800),
  "a stealth text of four gigabits": () =>
    stealthPng({ plane: "alpha", magic: "stealth_pnginfo", payload: Buffer.from("x"), bits: 0xffffffff }),
  "a JPEG XL box that unpacks to 16 MiB": () =>
    jxl(box("brob", Buffer.from("xml "), brotliCompressSync(zeros(16 * mebibyte)))),
  "a compressed manifest that unpacks to 16 MiB": () =>
    png({
      before: [
        pngChunk(
          "caBX",
          superbox(
            "c2pa",
            superbox("urn:c2pa:1", box("brob", Buffer.from("jumb"), brotliCompressSync(zeros(16 * mebibyte)))),
          ),
        ),
      ],
    }),
  "XML entities that unfold without end": () => jpeg([jpegXmp(laughs)]),
  "XML entities in a WebP": () => webp([["XMP ", laughs]]),
  "a hundred thousand open XML elements": () => webp([["XMP ", "<a>".repeat(100_000)]]),
  "CBOR lists nested a hundred thousand times": () =>
    png({ before: [pngChunk("caBX", storeWith(nestedCbor(100_000)))] }),
  "CBOR maps nested thirty thousand times": () => png({ before: [pngChunk("caBX", storeWith(nestedMaps(30_000)))] }),
  "a CBOR list of four thousand million items": () =>
    png({ before: [pngChunk("caBX", storeWith(Buffer.from("9affffffff", "hex")))] }),
  "a CBOR text of 2^63 letters": () =>
    png({ before: [pngChunk("caBX", storeWith(Buffer.from("7b7fffffffffffffff", "hex")))] }),
  "endless CBOR of undefined length": () =>
    png({ before: [pngChunk("caBX", storeWith(Buffer.concat([Buffer.of(0x9f), Buffer.alloc(100_000, 0x9f)])))] }),
  "manifest boxes nested two thousand times": () => jpeg(jpegJumbf(superbox("c2pa", nestedBoxes(800)), 60_000)),
  "a manifest whose parent is itself": () => {
    const loop = {
      actions: [
        { action: "c2pa.opened", parameters: { ingredient: { url: "self#jumbf=c2pa.assertions/c2pa.ingredient" } } },
      ],
    }
    const parent = encode({ relationship: "parentOf", c2pa_manifest: { url: "self#jumbf=/c2pa/urn:c2pa:1" } })
    return png({
      before: [
        pngChunk(
          "caBX",
          superbox(
            "c2pa",
            superbox(
              "urn:c2pa:1",
              superbox(
                "c2pa.assertions",
                superbox("c2pa.ingredient", box("cbor", parent)),
                superbox("c2pa.actions", box("cbor", encode(loop))),
              ),
            ),
          ),
        ),
      ],
    })
  },
  "a box of 2^63 bytes": () => Buffer.concat([heif("avif", []), longBox("meta", 0x7fffffffffffffffn)]),
  "a box of length 1 without its long length": () =>
    Buffer.concat([heif("heic", []), Buffer.from("\0\0\0\x01meta", "latin1")]),
  "a chunk of 2^31 bytes": () => {
    const file = png()
    file.writeUInt32BE(0x80000000, 33)
    return file
  },
  "a RIFF of 2^32 bytes": () => {
    const file = webp([["EXIF", tiff({})]])
    file.writeUInt32LE(0xffffffff, 4)
    file.writeUInt32LE(0xfffffffe, 16)
    return file
  },
  "a PNG of 2^31 by 2^31 pixels": () => sized(0x7fffffff, 0x7fffffff),
  "a PNG of no pixels": () => sized(0, 0),
  "a PNG of a hundred thousand by a thousand pixels": () => sized(100_000, 1_000),
  "a valid PNG of 900 million pixels": () => blackPng(30_000, 30_000),
  "a valid PNG of ninety million pixels": () => blackPng(9_500, 9_500),
  "a JPEG of 65535 by 65535 pixels": () => jpeg([], 65_535, 65_535),
  "a JPEG of thousands of empty segments": () => jpeg(Array.from({ length: 30_000 }, () => jpegSegment(0xe1, ""))),
  "a JPEG of nothing but markers": () =>
    Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2 * mebibyte, 0xff)]),
  "thousands of manifests in a JPEG": () => {
    const store = c2paStore(manifest("urn:c2pa:1", [created(tam, "GPT-4o")]))
    return jpeg(
      Array.from({ length: 500 }, (_, n) =>
        jpegJumbf(store, 60_000).map((segment) => {
          segment.writeUInt16BE(n + 1, 6)
          return segment
        }),
      ).flat(),
    )
  },
  "EXIF directories that go in circles": () => jpeg([jpegExif(loopingTiff())]),
  "a TIFF whose directory goes in circles": loopingTiff,
  "a GIF of a hundred thousand frames": () =>
    Buffer.concat([
      Buffer.from("GIF89a\xff\xff\xff\xff\0\0\0", "latin1"),
      ...Array.from({ length: 100_000 }, () => Buffer.from(",\0\0\0\0\xff\xff\xff\xff\0\x02\0", "latin1")),
      Buffer.from(";"),
    ]),
  "a GIF comment without an end": () =>
    Buffer.concat([Buffer.from("GIF89a\x01\0\x01\0\0\0\0!\xfe", "latin1"), Buffer.alloc(mebibyte, 0xff)]),
  "a GIF with a store of lies": () => gifApplication("C2PA_GIF\x01\0\0", Buffer.alloc(5000, 0xff), true),
  "an AVIF whose store says that it is endless": () =>
    heif("avif", [], [c2paUuid(longBox("jumb", 0xffffffffffffffffn))]),
  "JSON nested half a million times": () => png({ before: [pngChunk("tEXt", `prompt\0{"a":${"[".repeat(500_000)}`)] }),
  "a parameter line that never closes": () =>
    png({ before: [pngChunk("tEXt", `parameters\0x\nSteps: 1, Seed: 1, Size: 1x1${', A: {"'.repeat(100_000)}`)] }),
  "a graph of half a million nodes": () =>
    png({
      before: [
        pngChunk(
          "tEXt",
          `prompt\0{${Array.from({ length: 100_000 }, (_, n) => `"${n}":{"class_type":"A","inputs":{"model":["${n + 1}",0]}}`).join()}}`,
        ),
      ],
    }),
}
