import type { C2paFacts, Examination, Signal } from "../../../src/model/fingerprint.ts"
import { vendorOf } from "../provenance/vendors.ts"
import { factsOf, historyHolds, isForAnotherFile, type NoVerification, type Verification } from "./verification.ts"

const maxReasons = 30

/**
 * An examination with what the verifier said. Grades follow infra/decisions/0018-content-credentials.md: a manifest that declares a wholly
 * generated picture is conclusive where binding and signature hold (and, where there is a trust list, the chain leads to it), and moderate
 * where something was signed but it was another file.
 *
 * @param trustList "none", or the first digits of the list's digest
 */
export function withVerification(
  examination: Examination,
  verification: Verification | NoVerification,
  trustList: string,
): Examination {
  const { c2pa } = examination
  // What the walkers found no store in, the verifier cannot speak for.
  if (!c2pa) return examination
  const noList = trustList === "none" ? ["trustList.none"] : []
  if ("reason" in verification) {
    return { ...examination, c2pa: { ...c2pa, trustList, reasons: [verification.reason, ...noList] } }
  }
  const facts = factsOf(verification)
  const signer = nameOf(verification.signer)
  const reasons = [...new Set([...verification.failure, ...noList])].slice(0, maxReasons)
  const known: C2paFacts = { ...c2pa, ...facts, trustList, reasons, ...(signer ? { signer } : {}) }
  // Anybody can sign with a certificate of their own; where a list says whom to believe, it is asked.
  const believed = trustList === "none" || facts.chainTrusted
  const holds = facts.bindingOk && facts.signatureOk && historyHolds(verification) && believed
  const stores = examination.signals.filter(({ family }) => family === "c2pa").length
  const signals = examination.signals.map((signal): Signal => {
    if (signal.family !== "c2pa" || stores !== 1) return signal
    const generator = signal.generator ?? vendorOf(signer)
    return { ...signal, ...(generator ? { generator } : {}), strength: gradeOf(signal, holds, verification) }
  })
  return { ...examination, signals, c2pa: known }
}

function gradeOf(signal: Signal, holds: boolean, verification: Verification): Signal["strength"] {
  if (signal.strength !== "strong") return signal.strength
  if (holds) return "conclusive"
  return isForAnotherFile(verification) ? "moderate" : "strong"
}

function nameOf(value: string | undefined): string | undefined {
  return (
    value
      ?.replace(/[\p{Cc}\p{Cs}]/gu, " ")
      .trim()
      .slice(0, 200) || undefined
  )
}
