import type { C2paFacts, Examination, Signal } from "../model/fingerprint.ts"

/** What an examination says of an image's origin, for people: one line a signal, then the Content Credentials, then what failed. */
export function signalText({ signals, c2pa, error }: Pick<Examination, "signals" | "c2pa" | "error">): string {
  return [...signals.map(oneSignal), ...(c2pa ? [credentials(c2pa)] : []), ...(error ? [error] : [])].join("; ")
}

function oneSignal(signal: Signal): string {
  const { family, strength, generator, model, modelHash, baseModel, loras = [], extent } = signal
  const name = generator && generator !== family ? `${generator}, by ${family}` : family
  const details = [
    model && `model ${model}${modelHash ? ` ${modelHash.slice(0, 12)}` : ""}`,
    baseModel && `base ${baseModel}`,
    loras.length > 0 &&
      `LoRA ${loras
        .slice(0, 3)
        .map((lora) => lora.name)
        .join(" + ")}${loras.length > 3 ? ` + ${loras.length - 3} more` : ""}`,
    extent === "part" && "a part of the picture",
  ].filter(Boolean)
  return `${strength}: ${name}${details.length > 0 ? ` (${details.join(", ")})` : ""}`
}

/** The four facts by name: none stands for another. */
function credentials({
  bindingOk,
  signatureOk,
  chainTrusted,
  validAtSigningTime,
  trustList,
  signer,
}: C2paFacts): string {
  const facts = [
    bindingOk ? "bound to this file" : "not bound to this file",
    signatureOk ? "signed" : "signature not shown",
    trustList === "none" ? "no trust list" : chainTrusted ? "trusted" : "not trusted",
    validAtSigningTime ? "valid when signed" : "not shown to be valid when signed",
  ]
  return `credentials${signer ? ` of ${signer}` : ""}: ${facts.join(", ")}`
}
