import { Tag } from "../container/exif.ts"
import type { Metadata, TextField } from "../container/metadata.ts"
import { readXmp, type XmpProperty } from "../container/xmp.ts"

const exifNamespace = "http://ns.adobe.com/exif/1.0/"

/** PNG texts, and those hidden in pixels, under one of these keys; the carrier names the key too. */
export function textsUnder(metadata: Metadata, ...keys: readonly string[]): TextField[] {
  return metadata.texts
    .filter(({ carrier, key }) => /^(?:png|pixels):/.test(carrier) && keys.includes(key))
    .map((text) => ({ ...text, carrier: `${text.carrier}:${text.key}` }))
}

const known = new WeakMap<TextField, readonly XmpProperty[]>()

/** Properties of an XMP packet; read once, although many readers ask. */
export function propertiesOf(packet: TextField): readonly XmpProperty[] {
  const properties = known.get(packet) ?? readXmp(packet.value)
  known.set(packet, properties)
  return properties
}

/** XMP properties of that namespace and name, each with its carrier. */
export function xmpTexts(metadata: Metadata, namespace: string, name: string): TextField[] {
  return metadata.xmp.flatMap((packet) =>
    propertiesOf(packet)
      .filter((property) => property.namespace === namespace && property.name === name)
      .map(({ value }) => ({ carrier: `${packet.carrier}:xmp:${name}`, key: name, value })),
  )
}

/** One EXIF text of each block. */
export function exifTexts(metadata: Metadata, tag: number): TextField[] {
  return metadata.exif.flatMap(({ carrier, texts }) => {
    const value = texts.get(tag)
    return value ? [{ carrier: `${carrier}:${nameOf(tag)}`, key: nameOf(tag), value }] : []
  })
}

/**
 * Where generators put their parameter block: PNG "parameters", EXIF and XMP UserComment, the comment of a GIF or JPEG. Captions
 * (Description, ImageDescription, dc:description) are not among them: people quote parameters there.
 */
export function parameterTexts(metadata: Metadata): TextField[] {
  return [
    ...textsUnder(metadata, "parameters"),
    ...exifTexts(metadata, Tag.UserComment),
    ...metadata.texts.filter((text) => text.key === "comment"),
    ...xmpTexts(metadata, exifNamespace, "UserComment"),
  ]
}

function nameOf(tag: number): string {
  return Object.entries(Tag).find(([, number]) => number === tag)?.[0] ?? `0x${tag.toString(16)}`
}
