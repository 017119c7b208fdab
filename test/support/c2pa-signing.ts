import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { encode, Tag } from "cbor2"
import { der, objectId, pem } from "./der-bytes.ts"
import { box } from "./image-bytes.ts"

/** A signer of Content Credentials and the authority that vouches for it; made anew for each run, trusted by nobody. */
export interface Signer {
  readonly key: KeyObject
  /** Certificates in DER: the signer's, then the authority's. */
  readonly chain: readonly Buffer[]
  /** The authority's certificate, as a trust list holds it. */
  readonly anchor: string
}

interface SignerPlan {
  readonly organisation?: string
  /** The end of the certificate's validity, as X.509's UTCTime. */
  readonly until?: string
  /** Address of a revocation service, which the certificate names. */
  readonly ocsp?: string
}

const ecdsaSha256 = der(0x30, objectId("2a8648ce3d040302"))
const from = "200101000000Z"

export function makeSigner({ organisation = "Gnome Press", until = "491231235959Z", ocsp }: SignerPlan = {}): Signer {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const signer = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const issuer = name("Garden Authority")
  const subject = name(organisation)
  const root = certificate(issuer, issuer, authority.publicKey, authority.privateKey, "491231235959Z", [
    extension("551d13", true, der(0x30, der(0x01, Buffer.of(0xff)))),
    extension("551d0f", true, der(0x03, Buffer.of(1, 0x06))),
    extension("551d0e", false, der(0x04, keyId(authority.publicKey))),
  ])
  const leaf = certificate(issuer, subject, signer.publicKey, authority.privateKey, until, [
    extension("551d13", true, der(0x30)),
    extension("551d0f", true, der(0x03, Buffer.of(7, 0x80))),
    // E-mail protection: one of the uses that C2PA allows to sign.
    extension("551d25", false, der(0x30, objectId("2b06010505070304"))),
    extension("551d0e", false, der(0x04, keyId(signer.publicKey))),
    extension("551d23", false, der(0x30, der(0x80, keyId(authority.publicKey)))),
    ...(ocsp ? [extension("2b06010505070101", false, accessTo(ocsp))] : []),
  ])
  return { key: signer.privateKey, chain: [leaf, root], anchor: pem(root) }
}

function name(organisation: string): Buffer {
  const part = (id: string, value: string) => der(0x31, der(0x30, objectId(id), der(0x0c, Buffer.from(value))))
  return der(0x30, part("55040a", organisation), part("550403", `${organisation} Signer`))
}

function certificate(
  issuer: Buffer,
  subject: Buffer,
  key: KeyObject,
  authority: KeyObject,
  until: string,
  extensions: readonly Buffer[],
): Buffer {
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(0x10, ...createHash("sha256").update(subject).digest().subarray(0, 6))),
    ecdsaSha256,
    issuer,
    der(0x30, der(0x17, Buffer.from(from)), der(0x17, Buffer.from(until))),
    subject,
    key.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, ...extensions)),
  )
  return der(0x30, body, ecdsaSha256, der(0x03, Buffer.of(0), sign("sha256", body, authority)))
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return der(0x30, objectId(id), ...(critical ? [der(0x01, Buffer.of(0xff))] : []), der(0x04, value))
}

function keyId(key: KeyObject): Buffer {
  return createHash("sha1")
    .update(key.export({ type: "spki", format: "der" }))
    .digest()
}

function accessTo(ocsp: string): Buffer {
  return der(0x30, der(0x30, objectId("2b06010505073001"), der(0x86, Buffer.from(ocsp))))
}

export interface ManifestPlan {
  readonly signer: Signer
  readonly actions: readonly object[]
  readonly format: string
  /** Puts the store into the file. */
  readonly embed: (store: Buffer) => Buffer
}

/**
 * A file whose manifest is signed over its own bytes (C2PA 2.2: hard binding by c2pa.hash.data, claim v2, COSE_Sign1). The store says where
 * it stands in the file, so it is laid out again until its length is what it was.
 */
export function signedFile({ signer, actions, format, embed }: ManifestPlan): Buffer {
  let place = { start: 100, length: 5000 }
  let hash: Buffer = Buffer.alloc(32)
  for (let round = 0; round < 5; round++) {
    const store = storeOf({ signer, actions, format, ...place, hash })
    const file = embed(store)
    const found = placeOf(file, store)
    const rest = file.subarray(found.start + found.length)
    const digest = createHash("sha256").update(file.subarray(0, found.start)).update(rest).digest()
    if (found.start === place.start && found.length === place.length && digest.equals(hash)) return file
    place = found
    hash = digest
  }
  throw new Error("The store's length does not settle.")
}

/** What the hash leaves out: in a PNG the whole chunk, in a JPEG the whole segment, because length and checksum belong to the store. */
function placeOf(file: Buffer, store: Buffer): { start: number; length: number } {
  const at = file.indexOf(store)
  if (at < 0) throw new Error("The store must stand in the file in one piece.")
  if (file[0] === 0x89) return { start: at - 8, length: store.length + 12 }
  // Marker, length, "JP", instance, sequence.
  if (file[0] === 0xff) return { start: at - 12, length: store.length + 12 }
  return { start: at - 8, length: store.length + 8 }
}

interface StorePlan {
  readonly signer: Signer
  readonly actions: readonly object[]
  readonly format: string
  readonly start: number
  readonly length: number
  readonly hash: Buffer
}

const urn = "urn:c2pa:6f1d3a52-5b0c-4c52-8a0e-0c1f6e2d7b11"

function storeOf({ signer, actions, format, start, length, hash }: StorePlan): Buffer {
  const binding = assertion("c2pa.hash.data", {
    exclusions: [{ start: start, length: length }],
    alg: "sha256",
    hash: bytes(hash),
    pad: bytes(Buffer.alloc(8)),
  })
  const said = assertion("c2pa.actions.v2", { actions })
  const reference = (label: string, superbox: Buffer) => ({
    url: `self#jumbf=c2pa.assertions/${label}`,
    hash: bytes(createHash("sha256").update(superbox.subarray(8)).digest()),
  })
  const claim = encode({
    instanceID: "xmp:iid:0b7f3a4e-1d53-4f6e-9a51-5f7d6c1e2a90",
    claim_generator_info: { name: "Gnome Press", version: "1.0" },
    "dc:format": format,
    alg: "sha256",
    signature: `self#jumbf=/c2pa/${urn}/c2pa.signature`,
    created_assertions: [reference("c2pa.hash.data", binding), reference("c2pa.actions.v2", said)],
  })
  return superbox(
    "c2pa",
    "c2pa",
    superbox(
      "c2ma",
      urn,
      superbox("c2as", "c2pa.assertions", binding, said),
      superbox("c2cl", "c2pa.claim.v2", box("cbor", claim)),
      superbox("c2cs", "c2pa.signature", box("cbor", signatureOf(claim, signer))),
    ),
  )
}

function assertion(label: string, value: object): Buffer {
  return superbox("cbor", label, box("cbor", encode(value)))
}

/** COSE_Sign1 (RFC 9052) with a detached payload: ES256, the chain in the protected header. */
function signatureOf(claim: Uint8Array, { key, chain }: Signer): Uint8Array {
  const header = encode(
    new Map<number, unknown>([
      [1, -7],
      [33, chain.map(bytes)],
    ]),
  )
  const signed = encode(["Signature1", bytes(header), new Uint8Array(0), bytes(claim)])
  const signature = sign("sha256", signed, { key, dsaEncoding: "ieee-p1363" })
  return encode(new Tag(18, [bytes(header), new Map(), null, bytes(signature)]))
}

function bytes(value: Uint8Array): Uint8Array {
  return new Uint8Array(value)
}

function superbox(type: string, label: string, ...boxes: readonly Uint8Array[]): Buffer {
  const uuid = Buffer.concat([Buffer.from(type, "latin1"), Buffer.from("00110010800000aa00389b71", "hex")])
  return box("jumb", box("jumd", uuid, Buffer.of(3), Buffer.from(`${label}\0`)), ...boxes)
}
