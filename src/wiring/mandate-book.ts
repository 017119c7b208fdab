import { type MandateGate, mandateGate, verifyMandate } from "../../crawlers/mandate.ts"
import { describeError, WatchlineError } from "../errors.ts"
import { type Mandate, mandateId } from "../model/mandate.ts"
import { type Clock, type Id, instant } from "../model/record.ts"
import type { AuditLog } from "../ports/audit-log.ts"
import type { Mandates } from "../ports/registry.ts"
import type { SigningKey } from "../sealing/key-files.ts"
import { signMandate } from "../sealing/mandate-signing.ts"

export type MandateState = "in force" | "not yet" | "expired" | "altered"

/** The registered mandates, each verified whenever it is read: a store can be altered. */
export interface MandateBook {
  /** The mandate with this id or the only one whose id starts so. Errors: `mandate_unknown`, `mandate_invalid`. */
  mandate(prefix: string): Promise<{ id: Id; mandate: Mandate }>
  /** Undefined where there is no such mandate, or where it was altered: what names it is not covered by anything. */
  registered(id: Id): Promise<Mandate | undefined>
  mandateState(id: Id): Promise<MandateState>
  /** Signs with the organisation's key and registers; in the audit log first. */
  signMandate(draft: unknown, person: string): Promise<{ id: Id; mandate: Mandate }>
  gate(id: string): Promise<MandateGate>
  /** The gate of a mandate that names this address's host. */
  gateOfHost(url: string): Promise<MandateGate>
}

export function openMandateBook(parts: {
  readonly mandates: Mandates
  readonly audit: AuditLog
  readonly key: SigningKey
  readonly clock: Clock
}): MandateBook {
  const { mandates, clock } = parts

  async function mandate(prefix: string): Promise<{ id: Id; mandate: Mandate }> {
    const matches = (await mandates.list()).filter(({ id }) => id.startsWith(prefix.toLowerCase()))
    const only = matches[0]
    if (!only || matches.length > 1) {
      throw new WatchlineError("mandate_unknown", {
        message: matches.length > 1 ? `Several mandates start with ${prefix}.` : `No mandate ${prefix} is registered.`,
        remedy: "`watchline mandate list` shows them.",
      })
    }
    const verified = verifyMandate(only.signed, parts.key.publicKey)
    if (mandateId(verified) !== only.id) {
      throw new WatchlineError("mandate_invalid", {
        message: `Mandate ${only.id.slice(0, 12)} was exchanged for another.`,
      })
    }
    return { id: only.id, mandate: verified }
  }

  async function gate(id: string): Promise<MandateGate> {
    const found = await mandate(id)
    return mandateGate(found.mandate, found.id, clock)
  }

  return {
    mandate,
    gate,

    async registered(id) {
      try {
        return (await mandate(id)).mandate
      } catch (error) {
        const { code } = describeError(error)
        if (code === "mandate_unknown" || code === "mandate_invalid") return undefined
        throw error
      }
    },

    async mandateState(id) {
      try {
        const own = await gate(id)
        own.allowNow()
        return "in force"
      } catch (error) {
        const { code } = describeError(error)
        return code === "mandate_expired" ? "expired" : code === "mandate_not_yet_valid" ? "not yet" : "altered"
      }
    },

    async signMandate(draft, person) {
      const signed = signMandate(draft, parts.key)
      const id = mandateId(signed.mandate)
      await parts.audit.append({
        actor: person,
        action: "mandate.sign",
        subject: id,
        reason: `${signed.mandate.reference}: ${signed.mandate.legalBasis}`.slice(0, 2000),
        at: instant(clock()),
      })
      await mandates.add(id, signed)
      return { id, mandate: signed.mandate }
    },

    async gateOfHost(url) {
      const host = URL.parse(url)?.hostname ?? ""
      const found = (await mandates.list()).find(({ signed }) => signed.mandate.hosts.includes(host))
      if (found) return gate(found.id)
      throw new WatchlineError("mandate_out_of_scope", {
        message: `No registered mandate names the host ${host || url}.`,
        remedy: "Draft and sign one that does: `watchline mandate draft`.",
      })
    },
  }
}
