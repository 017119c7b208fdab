/**
 * What the verifier says of a file's active manifest, in codes of the C2PA specification (2.2, 15.2.1 "Standard status codes"). Everything
 * else that it knows, names, thumbnails and texts, stays in its worker.
 */
export interface Verification {
  /** Label of the manifest that is active. */
  readonly active: string
  /** Organisation in the signer's certificate. */
  readonly signer?: string | undefined
  /** Codes for the active manifest: what was shown, and what was not. */
  readonly success: readonly string[]
  readonly failure: readonly string[]
  /** Codes that failed for the manifests that it builds on. */
  readonly ingredientFailure: readonly string[]
}

/** Why there is no verification; the code goes into the reasons. */
export interface NoVerification {
  readonly reason: "verifier.crashed" | "verifier.timeout" | "verifier.unreadable" | "verifier.unsupported"
}

const bindings = ["assertion.dataHash", "assertion.bmffHash", "assertion.boxesHash", "assertion.collectionHash"]

/** The four facts; each is true only where it was shown. */
export function factsOf({ success, failure }: Verification) {
  const shown = (code: string) => success.includes(code)
  const failed = (pattern: RegExp) => failure.some((code) => pattern.test(code))
  return {
    bindingOk:
      bindings.some((code) => shown(`${code}.match`)) &&
      !failed(/^assertion\.(?:\w+Hash\.|hashedURI\.mismatch|missing|undeclared|inaccessible)/) &&
      !failed(/^(?:claim|manifest)\.(?:missing|multiple|hardBindings)/),
    signatureOk: shown("claimSignature.validated") && !failed(/^claimSignature\.(?:mismatch|missing)/),
    chainTrusted: shown("signingCredential.trusted") && !failed(/^signingCredential\.(?:untrusted|invalid|revoked)/),
    validAtSigningTime:
      shown("claimSignature.insideValidity") &&
      !failed(/^signingCredential\.(?:expired|revoked|invalid)|^claimSignature\.outsideValidity/),
  }
}

/** Does a failed binding speak against this file: something was signed, and it was another file? */
export function isForAnotherFile(verification: Verification): boolean {
  const { signatureOk } = factsOf(verification)
  return signatureOk && verification.failure.some((code) => /^assertion\.\w+Hash\.mismatch$/.test(code))
}

/** Do the manifests that the active one builds on hold too? Trust, time and form of their certificates aside. */
export function historyHolds({ ingredientFailure }: Verification): boolean {
  return !ingredientFailure.some((code) =>
    /mismatch|missing|claimSignature\.|ingredient\.hashedURI|inaccessible/.test(code),
  )
}
