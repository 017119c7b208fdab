import { brotliDecompressSync } from "node:zlib"
import { decode } from "cbor2"
import { looseText } from "../container/bytes.ts"
import { isoBoxes } from "../container/iso-boxes.ts"
import { arrayOf, type JsonObject, objectOf, stringOf } from "./lenient-json.ts"

/** What a manifest declares, read leniently: signatures are not looked at, so all of it is a claim. */
export interface Manifest {
  readonly label: string
  /** Names from the claim's generator fields. */
  readonly generators: readonly string[]
  readonly actions: readonly Action[]
  /** Labels of the assertions that it holds. */
  readonly assertions: readonly string[]
  readonly ingredients: readonly Ingredient[]
  /** Organisations in the signature's first certificate: whom it was made out to, then who made it. */
  readonly signers: readonly string[]
}

/** Another manifest of the store, from which this picture took something. */
export interface Ingredient {
  /** Label of the assertion, by which actions refer to it. */
  readonly assertion: string
  /** "parentOf", "componentOf" or "inputTo". */
  readonly relationship: string
  /** Label of the ingredient's own manifest, where it has one. */
  readonly manifest: string
}

interface Action {
  readonly name: string
  readonly sourceType?: string | undefined
  readonly agent?: string | undefined
  /** Labels of the ingredient assertions that it refers to. */
  readonly ingredients: readonly string[]
}

const maxDepth = 12
const maxBoxes = 10_000
const maxBlock = 128 << 10
const maxDecoded = 1 << 20

interface Bounds {
  boxes: number
  decoded: number
}

/**
 * Manifests of a C2PA store (C2PA 2.2, JUMBF ISO/IEC 19566-5) in the order of the file; the last one is active. Whatever is broken is
 * left out. Thumbnails and other embedded files are never opened.
 */
export function readManifests(store: Uint8Array): Manifest[] {
  const bounds: Bounds = { boxes: maxBoxes, decoded: maxDecoded }
  const manifests: Manifest[] = []
  collect(store, 0, bounds, manifests)
  return manifests
}

/** Manifests stand directly below the store; anything deeper is searched as well, because writers wrap stores in stores. */
function collect(bytes: Uint8Array, depth: number, bounds: Bounds, manifests: Manifest[]): void {
  if (depth > maxDepth) return
  for (const { type, body } of isoBoxes(bytes)) {
    if (--bounds.boxes < 0) return
    // A compressed manifest (C2PA 2.1, 10.4) holds another box of its own name, packed with Brotli.
    if (type === "brob") collect(unpacked(body.subarray(4), bounds), depth + 1, bounds, manifests)
    if (type !== "jumb") continue
    const { label, rest } = described(body)
    if (isPacked(rest)) collect(rest, depth + 1, bounds, manifests)
    else if (/^(?:urn:|[\w.-]{1,100}:urn:)/.test(label)) manifests.push(manifestOf(label, rest, bounds))
    else collect(rest, depth + 1, bounds, manifests)
  }
}

function isPacked(rest: Uint8Array): boolean {
  const [first] = isoBoxes(rest)
  return first?.type === "brob"
}

/** What unpacks to more than may still be decoded gives nothing. */
function unpacked(data: Uint8Array, bounds: Bounds): Uint8Array {
  try {
    const out = brotliDecompressSync(data, { maxOutputLength: Math.max(1, bounds.decoded) })
    bounds.decoded -= out.length
    return out
  } catch {
    bounds.decoded = 0
    return new Uint8Array(0)
  }
}

/** A superbox starts with a description box: type (16), toggles (1), label as a C string if toggle 2 is set. */
function described(body: Uint8Array): { label: string; rest: Uint8Array } {
  const [first] = isoBoxes(body)
  if (first?.type !== "jumd" || first.body.length < 18 || ((first.body[16] ?? 0) & 2) === 0)
    return { label: "", rest: body }
  const end = first.body.indexOf(0, 17)
  const label = Buffer.from(first.body.subarray(17, Math.min(end < 0 ? first.body.length : end, 17 + 512))).toString(
    "utf8",
  )
  return { label, rest: body.subarray(8 + first.body.length) }
}

function manifestOf(label: string, content: Uint8Array, bounds: Bounds): Manifest {
  const generators: string[] = []
  const actions: Action[] = []
  const assertions: string[] = []
  const ingredients: Ingredient[] = []
  let signers: string[] = []
  for (const box of superboxes(content, bounds)) {
    if (box.label === "c2pa.claim" || box.label === "c2pa.claim.v2") {
      for (const claim of blocksOf(box.rest, bounds)) generators.push(...generatorsOf(claim))
    } else if (box.label === "c2pa.signature") {
      signers = organisationsIn(box.rest)
    } else if (box.label === "c2pa.assertions") {
      for (const assertion of superboxes(box.rest, bounds)) {
        assertions.push(assertion.label)
        if (/^(?:c2pa\.actions|stds\.iptc|c2pa\.metadata|cawg\.metadata)/.test(assertion.label)) {
          for (const block of blocksOf(assertion.rest, bounds)) actions.push(...actionsOf(block))
        } else if (/^c2pa\.ingredient(?:$|[._])/.test(assertion.label)) {
          for (const block of blocksOf(assertion.rest, bounds)) ingredients.push(ingredientOf(assertion.label, block))
        }
      }
    }
  }
  return {
    label,
    generators: generators.slice(0, 20),
    actions: actions.slice(0, 500),
    assertions: assertions.slice(0, 500),
    ingredients: ingredients.slice(0, 500),
    signers,
  }
}

const organisation = Buffer.from("060355040a", "hex")

/** Values of X.520's organisationName, found by their object identifier: in a certificate the issuer's comes first. */
function organisationsIn(signature: Uint8Array): string[] {
  const bytes = Buffer.from(signature.buffer, signature.byteOffset, Math.min(signature.byteLength, maxBlock))
  const found: string[] = []
  for (let at = bytes.indexOf(organisation); at >= 0 && found.length < 2; at = bytes.indexOf(organisation, at + 5)) {
    // UTF8String or PrintableString of less than 128 bytes.
    const length = bytes[at + 6] ?? 0x80
    if ((bytes[at + 5] === 0x0c || bytes[at + 5] === 0x13) && length < 0x80)
      found.push(looseText(bytes.subarray(at + 7, at + 7 + length)))
  }
  return found.reverse()
}

function* superboxes(bytes: Uint8Array, bounds: Bounds): Generator<{ label: string; rest: Uint8Array }> {
  for (const { type, body } of isoBoxes(bytes)) {
    if (--bounds.boxes < 0) return
    if (type === "jumb") yield described(body)
  }
}

/** CBOR or JSON content, decoded as far as it is an object. */
function* blocksOf(bytes: Uint8Array, bounds: Bounds): Generator<JsonObject> {
  for (const { type, body } of isoBoxes(bytes)) {
    if (--bounds.boxes < 0) return
    if ((type !== "cbor" && type !== "json") || body.length > maxBlock || body.length > bounds.decoded) continue
    bounds.decoded -= body.length
    const block = objectOf(type === "cbor" ? cborOf(body) : jsonOf(body))
    if (block) yield block
  }
}

function cborOf(body: Uint8Array): unknown {
  try {
    return decode(body, { maxDepth: 32, ignoreGlobalTags: true })
  } catch {
    return undefined
  }
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"))
  } catch {
    return undefined
  }
}

/** `claim_generator` is text, `claim_generator_info` one map (version 2) or a list of them (version 1). */
function generatorsOf(claim: JsonObject): string[] {
  const infos = [objectOf(claim.claim_generator_info), ...arrayOf(claim.claim_generator_info).map(objectOf)]
  const names = infos.map((info) => stringOf(info?.name))
  return [...names, stringOf(claim.claim_generator)].filter((name) => name !== undefined)
}

/** The manifest stands under `c2pa_manifest` (versions 1, 2) or `activeManifest` (version 3) as a hashed URI. */
function ingredientOf(assertion: string, block: JsonObject): Ingredient {
  const manifest = labelIn(objectOf(block.activeManifest) ?? objectOf(block.c2pa_manifest))
  return { assertion, relationship: stringOf(block.relationship) ?? "", manifest }
}

/** Last part of a hashed URI such as `self#jumbf=/c2pa/urn:uuid:…` or `self#jumbf=c2pa.assertions/c2pa.ingredient`. */
function labelIn(uri: unknown): string {
  const url = stringOf(objectOf(uri)?.url) ?? ""
  return url.slice(url.lastIndexOf("/") + 1).slice(0, 512)
}

/** Actions of either version, and the digital source type of an IPTC assertion, which is taken as one. */
function actionsOf(block: JsonObject): Action[] {
  const declared = stringOf(block["Iptc4xmpExt:DigitalSourceType"]) ?? stringOf(block["Iptc4xmpExt:digitalsourcetype"])
  const actions = arrayOf(block.actions)
    .slice(0, 500)
    .flatMap((entry): Action[] => {
      const action = objectOf(entry)
      if (!action) return []
      const agent = stringOf(action.softwareAgent) ?? stringOf(objectOf(action.softwareAgent)?.name)
      const parameters = objectOf(action.parameters)
      const sourceType = stringOf(action.digitalSourceType) ?? stringOf(parameters?.digitalSourceType)
      const ingredients = [parameters?.ingredient, ...arrayOf(parameters?.ingredients).slice(0, 100)]
        .map(labelIn)
        .filter(Boolean)
      return [{ name: stringOf(action.action) ?? "", sourceType, agent, ingredients }]
    })
  return declared ? [...actions, { name: "iptc", sourceType: declared, ingredients: [] }] : actions
}
