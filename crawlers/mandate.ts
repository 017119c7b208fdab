import { createPublicKey, type KeyObject, verify } from "node:crypto"
import { WatchlineError } from "../src/errors.ts"
import { type Collectable, type Mandate, SignedMandate } from "../src/model/mandate.ts"
import { type Clock, canonicalJson, type Id } from "../src/model/record.ts"

/**
 * Checks a mandate's Ed25519 signature (RFC 8032) over its canonical text (RFC 8785).
 *
 * @param trustedKey the organisation's key; a mandate that carries another one is not ours, however well it is signed
 * @returns the mandate, the only thing to be used from then on
 * @throws `mandate_invalid`
 */
export function verifyMandate(signed: SignedMandate, trustedKey: KeyObject): Mandate {
  const problem = SignedMandate.problem(signed)
  if (problem) throw invalid(`The mandate is not well formed (${problem}).`)
  const publicKey = trustedKey.type === "private" ? createPublicKey(trustedKey) : trustedKey
  if (publicKey.asymmetricKeyType !== "ed25519") throw invalid("The organisation's key is not an Ed25519 key.")
  const reference = signed.mandate.reference
  if (signed.key !== publicKey.export({ type: "spki", format: "der" }).toString("base64")) {
    throw invalid(`The mandate ${reference} was signed with another key than the organisation's.`)
  }
  const signature = Buffer.from(signed.signature, "base64")
  // Base64 leaves bits of the last character unused: another text for the same bytes is an alteration too.
  const unaltered = signature.toString("base64") === signed.signature
  if (!unaltered || !verify(null, Buffer.from(canonicalJson(signed.mandate)), publicKey, signature)) {
    throw invalid(`The signature of mandate ${reference} does not match its text.`)
  }
  return signed.mandate
}

function invalid(message: string): WatchlineError {
  return new WatchlineError("mandate_invalid", {
    message,
    remedy: "Obtain the mandate as it was issued and sign it again with `watchline mandate sign`.",
  })
}

/**
 * What a mandate allows, asked before every request and again where a socket is opened. Throws or returns; knows nothing of what follows.
 *
 * Errors: `mandate_expired`, `mandate_not_yet_valid` (stop), `mandate_out_of_scope` (never), `url_invalid` (never).
 */
export interface MandateGate {
  readonly id: Id
  readonly mandate: Mandate
  /** Time only: throws outside start and expiry; the expiry itself is outside. */
  allowNow(): void
  /** Time, scheme and host of an absolute address. */
  allowUrl(url: string): void
  /** Time and host name, as a socket is opened. */
  allowHost(host: string): void
  allows(what: Collectable): boolean
  /** Milliseconds until the mandate expires, at least 0. */
  remainingMs(): number
}

export function mandateGate(mandate: Mandate, id: Id, clock: Clock): MandateGate {
  const hosts = new Set(mandate.hosts.map(plainHost))
  const start = Date.parse(mandate.start)
  const expiry = Date.parse(mandate.expiry)

  function allowNow(): void {
    const now = clock()
    // Written so that a date that cannot be read allows nothing.
    if (!(now >= start)) {
      throw new WatchlineError("mandate_not_yet_valid", {
        message: `The mandate ${mandate.reference} is not valid before ${mandate.start}.`,
        remedy: "Wait for its start, or check this machine's clock.",
      })
    }
    if (!(now < expiry)) {
      throw new WatchlineError("mandate_expired", {
        message: `The mandate ${mandate.reference} expired at ${mandate.expiry}.`,
        remedy: "Have the issuing body renew it, then sign and register the new one with `watchline mandate sign`.",
      })
    }
  }

  function allowHost(host: string): void {
    allowNow()
    const name = plainHost(host)
    if (name !== undefined && hosts.has(name)) return
    throw new WatchlineError("mandate_out_of_scope", {
      message: `The mandate ${mandate.reference}, valid until ${mandate.expiry}, does not cover the host ${host}.`,
      remedy:
        "If the host belongs to the investigation, obtain a mandate that names it; sub-domains are named one by one.",
    })
  }

  return {
    id,
    mandate,
    allowNow,
    allowHost,
    allowUrl(text) {
      const url = URL.parse(text)
      if (url?.protocol !== "http:" && url?.protocol !== "https:") {
        throw new WatchlineError("url_invalid", { message: "The address is no http or https address." })
      }
      allowHost(url.hostname)
    },
    allows: (what) => mandate.collect.includes(what),
    remainingMs: () => Math.max(0, expiry - clock()) || 0,
  }
}

/**
 * A host name as the URL standard writes it: lower case, punycode, IPv4 in dotted decimals, without trailing dot. Undefined for anything
 * that is more than a name, and for IPv6 literals, which no mandate can list.
 */
function plainHost(host: string): string | undefined {
  if (!/^[^\s/\\?#@:[\]]+$/.test(host)) return undefined
  return URL.parse(`http://${host}/`)?.hostname.replace(/\.$/, "")
}
