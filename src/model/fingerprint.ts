import Type from "typebox"
import { type CardInMemory, CardTrace } from "./card-trace.ts"
import { PixelReading } from "./pixel-score.ts"
import { Id, Instant, idOf, type RecordOf, record } from "./record.ts"

/** How much a signal says; graded in infra/decisions/0005-evidence-grades.md. Absence of signals says nothing. */
export const Strength = Type.Union([
  Type.Literal("conclusive"),
  Type.Literal("strong"),
  Type.Literal("moderate"),
  Type.Literal("weak"),
])
export type Strength = "conclusive" | "strong" | "moderate" | "weak"

/** A file of weights as its user's program named it. */
const NameAndHash = Type.Object(
  {
    name: Type.String({ maxLength: 300 }),
    hash: Type.Optional(Type.String({ maxLength: 128 })),
    /** Version id on the hub that it came from, e.g. "civitai:version:128713", where the block says so. */
    hubId: Type.Optional(Type.String({ maxLength: 60 })),
  },
  { additionalProperties: false },
)

/** What is kept of a prompt: so that equal ones are known to be equal, and nobody can read one. */
const PromptTrace = Type.Object(
  {
    /** Letters, white space at both ends not counted. */
    length: Type.Integer({ minimum: 1 }),
    /** HMAC-SHA-256 under a key of the workspace; absent where there is none. */
    digest: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
  },
  { additionalProperties: false },
)

/** One observed trace of a generator in an image. Derived fields only: never a prompt, never a block of metadata as it came. */
export const Signal = Type.Object(
  {
    /** Name of the reader that fired, e.g. "a1111", "comfyui", "c2pa", "iptc". */
    family: Type.String({ maxLength: 60 }),
    strength: Strength,
    generator: Type.Optional(Type.String({ maxLength: 200 })),
    model: Type.Optional(Type.String({ maxLength: 300 })),
    modelHash: Type.Optional(Type.String({ maxLength: 128 })),
    /** Version id of the model on its hub, e.g. "civitai:version:128713". */
    modelHubId: Type.Optional(Type.String({ maxLength: 60 })),
    /** The architecture that the model was made from, as the writer names it, e.g. "sdxl" or "StableDiffusionXLPipeline". */
    baseModel: Type.Optional(Type.String({ maxLength: 100 })),
    loras: Type.Optional(Type.Array(NameAndHash, { maxItems: 100 })),
    /** "part" where only something in the picture was generated: an edit, a fill, a placed element. */
    extent: Type.Optional(Type.Union([Type.Literal("whole"), Type.Literal("part")])),
    prompt: Type.Optional(PromptTrace),
    /** Where it stood, e.g. "png:tEXt:parameters". */
    carrier: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
)
export type Signal = Type.Static<typeof Signal>

const Pdq = Type.String({ pattern: "^[0-9a-f]{64}$" })

const Frame = Type.Object(
  { index: Type.Integer({ minimum: 1 }), pdq: Pdq, pdqQuality: Type.Integer({ minimum: 0, maximum: 100 }) },
  { additionalProperties: false },
)

/**
 * What is known of a file's Content Credentials. Four facts that say different things and are never one: each is true only where it was
 * shown, and `reasons` says why one is not.
 */
export const C2paFacts = Type.Object(
  {
    /** Manifests in the store; 0 where the store could not be read at all. */
    manifests: Type.Integer({ minimum: 0 }),
    /** Last parts of the digital source types of the active manifest and of the pictures that it opened. */
    sourceTypes: Type.Array(Type.String({ maxLength: 80 }), { maxItems: 20 }),
    /** Organisation in the signer's certificate. */
    signer: Type.Optional(Type.String({ maxLength: 200 })),
    /** What is signed is this file: its bytes and assertions match their digests. */
    bindingOk: Type.Boolean(),
    /** The claim's signature is right for the certificate that comes with it. */
    signatureOk: Type.Boolean(),
    /** That certificate leads to one of the configured trust list. */
    chainTrusted: Type.Boolean(),
    /** The certificate was valid when it signed: by a time stamp, or now. */
    validAtSigningTime: Type.Boolean(),
    /** "none", or the first digits of the trust list's SHA-256. */
    trustList: Type.String({ maxLength: 16 }),
    /**
     * Codes of the C2PA specification, and of ours: "verifier.notRun", "verifier.crashed", "verifier.timeout", "verifier.unreadable",
     * "verifier.unsupported", "trustList.none".
     */
    reasons: Type.Array(Type.String({ maxLength: 80 }), { maxItems: 30 }),
  },
  { additionalProperties: false },
)
export type C2paFacts = Type.Static<typeof C2paFacts>

/**
 * What is kept of an image: digests, PDQ, type, size and provenance signals. Everything that the examiner can say from the bytes alone,
 * before they are wiped.
 */
export const examinationShape = {
  /** Length of the file in bytes. */
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  sha1: Type.String({ pattern: "^[0-9a-f]{40}$" }),
  md5: Type.String({ pattern: "^[0-9a-f]{32}$" }),
  /** True type from the bytes: "png", "jpeg", "webp", "gif", "avif", "heic", "tiff", "jxl", "bmp", "svg"; "unknown" otherwise. */
  format: Type.String({ maxLength: 20 }),
  /** Pixels, as stored, before EXIF orientation. */
  width: Type.Optional(Type.Integer({ minimum: 0 })),
  height: Type.Optional(Type.Integer({ minimum: 0 })),
  /** 256 bits as 64 lower-case hexadecimal digits, computed at full resolution (ThreatExchange PDQ). */
  pdq: Type.Optional(Pdq),
  /** 0 to 100; below 50 a hash must not be matched. */
  pdqQuality: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  pdqPipeline: Type.Optional(Type.Literal("full")),
  /**
   * Hashes of the picture turned and mirrored, in the reference's order (r090, r180, r270, flipX, flipY, flipPlus1, flipMinus1), of
   * quality 50 or more: needles that find a turned copy. They come near its hash, they don't equal it.
   */
  pdqSiblings: Type.Optional(Type.Array(Pdq, { minItems: 7, maxItems: 7 })),
  /** Frames of an animation, or pages, in the file, where these are several. What stands above is about the first. */
  frameCount: Type.Optional(Type.Integer({ minimum: 2 })),
  /** Some of the others, evenly spaced, by their number from 0; those that could be decoded. */
  frames: Type.Optional(Type.Array(Frame, { maxItems: 32 })),
  /** Quality of a JPEG on libjpeg's scale, estimated from its quantisation table. */
  jpegQuality: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  /** What models of pixels saw, one for each model that ran. */
  pixels: Type.Optional(Type.Array(PixelReading, { maxItems: 2 })),
  signals: Type.Array(Signal, { maxItems: 200 }),
  c2pa: Type.Optional(C2paFacts),
  /** Observations that are no signals of generation: "camera-exif", "c2pa", "c2pa-elsewhere", "trailing-bytes", "character-card". */
  facts: Type.Array(Type.String({ maxLength: 60 }), { maxItems: 50 }),
  /** Code from the catalogue of errors, where the pixels could not be read; digests are there all the same. */
  error: Type.Optional(Type.String({ maxLength: 60 })),
  /** Name and version of the examiner. */
  examiner: Type.String({ maxLength: 60 }),
}
const ExaminationSchema = Type.Object(examinationShape, { additionalProperties: false })
export type Examination = Type.Static<typeof ExaminationSchema> & { readonly card?: CardInMemory }

/** The stored fingerprint of an image. Identity: SHA-256 of the image bytes and the examiner's version. */
export const Fingerprint = record("fingerprint", 1, {
  id: Id,
  mandate: Id,
  seenAt: Instant,
  /** The character card that the picture carries. */
  card: Type.Optional(CardTrace),
  ...examinationShape,
})
export type Fingerprint = RecordOf<typeof Fingerprint>

export function fingerprintId(sha256: string, examiner: string): Id {
  return idOf("fingerprint", sha256, examiner)
}
