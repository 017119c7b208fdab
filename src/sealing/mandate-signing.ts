import { WatchlineError } from "../errors.ts"
import { Mandate, type SignedMandate } from "../model/mandate.ts"
import { publicKeyText, signCanonical } from "../model/signature.ts"
import type { SigningKey } from "./key-files.ts"

/**
 * Signs a mandate with the organisation's key, after a look at what a person wrote. Whether it is in force is asked at every use, not
 * here: a mandate may be signed before it starts.
 *
 * Errors: `input_invalid`, with one sentence for each thing to mend.
 */
export function signMandate(draft: unknown, key: SigningKey): SignedMandate {
  const problems = mandateProblems(draft)
  if (problems.length > 0) {
    throw new WatchlineError("input_invalid", {
      message: problems.join(" "),
      remedy: "Correct the draft and sign it again; `watchline mandate draft` writes one that is complete.",
    })
  }
  const mandate = draft as Mandate
  return { mandate, key: publicKeyText(key.privateKey), signature: signCanonical(mandate, key.privateKey) }
}

function mandateProblems(draft: unknown): string[] {
  if (typeof draft !== "object" || draft === null || Array.isArray(draft)) return ["The mandate is no JSON object."]
  const said = [...missingFields(draft), ...hostProblems(draft), ...timeProblems(draft)]
  if (said.length > 0) return said
  const problem = Mandate.problem(draft)
  return problem === undefined ? [] : [`The mandate does not match its schema: ${problem}.`]
}

function missingFields(draft: object): string[] {
  return Object.keys(Mandate.schema.properties)
    .filter((name) => !(name in draft))
    .map((name) => `The field "${name}" is missing.`)
}

function hostProblems(draft: object): string[] {
  if (!("hosts" in draft) || !Array.isArray(draft.hosts)) return []
  return draft.hosts.flatMap((host) => hostProblem(host) ?? [])
}

function hostProblem(host: unknown): string | undefined {
  if (typeof host !== "string") return "Every host must be a name in quotes."
  if (/[/:@]/.test(host)) return `"${host}" is not a bare host name: write it without scheme, port and path.`
  if (host !== host.toLowerCase()) return `The host "${host}" must be in lower case.`
  if (/\*/.test(host)) return `"${host}" names many hosts at once: a mandate names each host that it covers.`
  if (!/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(host))
    return `"${host}" is no host name; an international one goes in its xn-- form.`
  return undefined
}

function timeProblems(draft: object): string[] {
  const start = timeOf(draft, "start")
  const expiry = timeOf(draft, "expiry")
  const said: string[] = []
  for (const [name, time] of Object.entries({ start, expiry })) {
    if (time !== undefined && Number.isNaN(time))
      said.push(`"${name}" is no time: write it like 2026-11-23T00:00:00.000Z.`)
  }
  if (start !== undefined && expiry !== undefined && start >= expiry) said.push("The mandate ends before it starts.")
  return said
}

/** Milliseconds; NaN where the field is there but names no moment of the calendar. */
function timeOf(draft: object, name: "start" | "expiry"): number | undefined {
  if (!(name in draft)) return undefined
  const text: unknown = Reflect.get(draft, name)
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) || new Date(time).toISOString() !== text ? Number.NaN : time
}
