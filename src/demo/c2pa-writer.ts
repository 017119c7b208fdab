import { createHash } from "node:crypto"

/** What CBOR (RFC 8949) has to carry here. */
type Cbor = number | string | Uint8Array | null | readonly Cbor[] | { readonly [key: string]: Cbor } | Tagged
class Tagged {
  readonly tag: number
  readonly value: Cbor
  constructor(tag: number, value: Cbor) {
    this.tag = tag
    this.value = value
  }
}

function cborHead(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count])
  if (count < 0x100) return Buffer.from([(major << 5) | 24, count])
  if (count < 0x10000) return Buffer.from([(major << 5) | 25, count >> 8, count & 255])
  const out = Buffer.alloc(5)
  out[0] = (major << 5) | 26
  out.writeUInt32BE(count, 1)
  return out
}

function cbor(value: Cbor): Buffer {
  if (value === null) return Buffer.from([0xf6])
  if (typeof value === "number") return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value)
  if (typeof value === "string") return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([cborHead(2, value.length), value])
  if (value instanceof Tagged) return Buffer.concat([cborHead(6, value.tag), cbor(value.value)])
  if (Array.isArray(value)) return Buffer.concat([cborHead(4, value.length), ...value.map(cbor)])
  const fields = Object.entries(value as { readonly [key: string]: Cbor })
  return Buffer.concat([cborHead(5, fields.length), ...fields.flatMap(([key, item]) => [cbor(key), cbor(item)])])
}

function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length + 8)
  head.write(type, 4, "latin1")
  return Buffer.concat([head, body])
}

/** JUMBF superbox (ISO 19566-5): description box with the type's UUID, toggles "requestable, labelled", label; then its boxes. */
function superbox(type: string, label: string, ...boxes: readonly Uint8Array[]): Buffer {
  const uuid = Buffer.concat([Buffer.from(type, "latin1"), Buffer.from("00110010800000aa00389b71", "hex")])
  return box("jumb", box("jumd", uuid, Buffer.from([0x03]), Buffer.from(`${label}\0`, "latin1")), ...boxes)
}

/**
 * A manifest store of the form of C2PA 1.x: assertions with the action that made the asset, claim and signature box. The
 * signature is zeros and the hard binding empty, so a verifier reads it and finds it unsigned.
 *
 * @param source last part of the IPTC digital source type, e.g. `trainedAlgorithmicMedia`
 */
export function c2paStore(id: string, format: string, source: string, agent: string): Buffer {
  const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest()
  const urn = `urn:uuid:${sha256(Buffer.from(id))
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5")}`
  const actions = superbox(
    "cbor",
    "c2pa.actions",
    box(
      "cbor",
      cbor({
        actions: [
          {
            action: "c2pa.created",
            softwareAgent: agent,
            digitalSourceType: `http://cv.iptc.org/newscodes/digitalsourcetype/${source}`,
          },
        ],
      }),
    ),
  )
  const binding = superbox(
    "cbor",
    "c2pa.hash.data",
    box(
      "cbor",
      cbor({ exclusions: [], name: "jumbf manifest", alg: "sha256", hash: Buffer.alloc(32), pad: Buffer.alloc(8) }),
    ),
  )
  const claim = cbor({
    alg: "sha256",
    claim_generator: `${agent.replaceAll(" ", "_")}/1.0`,
    claim_generator_info: [{ name: agent, version: "1.0" }],
    "dc:format": format,
    "dc:title": "garden",
    instanceID: `xmp:iid:${urn.slice(9)}`,
    assertions: [
      // The digest of an assertion covers its superbox without the eight bytes of the header (C2PA 1.4, 8.4.2.3).
      { url: "self#jumbf=c2pa.assertions/c2pa.actions", hash: sha256(actions.subarray(8)) },
      { url: "self#jumbf=c2pa.assertions/c2pa.hash.data", hash: sha256(binding.subarray(8)) },
    ],
    signature: `self#jumbf=/c2pa/${urn}/c2pa.signature`,
  })
  const protectedHeader = Buffer.from([0xa1, 0x01, 0x26])
  const signature = cbor(new Tagged(18, [protectedHeader, {}, null, Buffer.alloc(64)]))
  return superbox(
    "c2pa",
    "c2pa",
    superbox(
      "c2ma",
      urn,
      superbox("c2as", "c2pa.assertions", actions, binding),
      superbox("c2cl", "c2pa.claim", box("cbor", claim)),
      superbox("c2cs", "c2pa.signature", box("cbor", signature)),
    ),
  )
}

/** The store as the data of one JPEG APP11 segment (JPEG XT, ISO 18477-3): `JP`, box instance, sequence number, then the box. */
export function app11(store: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from("JP", "latin1"), Buffer.from([0, 1, 0, 0, 0, 1]), store])
}
