import type { Transform } from "node:stream"
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from "node:zlib"
import { WatchlineError } from "../../src/errors.ts"

/** Makes the decoder once the first bytes are there: "deflate" is sent with and without the zlib wrapper. */
type Decoder = (first: Uint8Array) => Transform

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  deflate: (first) => (hasZlibHeader(first) ? createInflate() : createInflateRaw()),
  br: () => createBrotliDecompress(),
  // A window of at most 8 MiB, as RFC 9659 asks for.
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } }),
}

/** RFC 1950, 2.2: method 8, and a check over the first two bytes. */
function hasZlibHeader([method = 0, flags = 0]: Uint8Array): boolean {
  return (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0
}

/** What we say we accept. */
export const acceptedCodings = "gzip, deflate, br, zstd"

/**
 * How a body is unpacked, by its Content-Encoding (RFC 9110, 8.4); undefined: it is not packed. Layers are refused: no honest server
 * sends them and each multiplies what a few bytes can grow to.
 *
 * @throws `http_refused` for an encoding that was not asked for
 */
export function contentDecoder(header: string | undefined): Decoder | undefined {
  const coding = header?.trim().toLowerCase()
  if (!coding || coding === "identity") return undefined
  const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined
  if (!decoder)
    throw new WatchlineError("http_refused", { message: "The answer is packed in a way that was not asked for." })
  return decoder
}
