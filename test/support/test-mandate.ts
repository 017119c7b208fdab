import { type MandateGate, mandateGate } from "../../crawlers/mandate.ts"
import { type Mandate, mandateId } from "../../src/model/mandate.ts"
import { type Clock, instant } from "../../src/model/record.ts"

/** A gate over a mandate for the given hosts, valid around the present. */
export function testGate(hosts: readonly string[], more: Partial<Mandate> = {}, clock: Clock = Date.now): MandateGate {
  const mandate: Mandate = {
    issuingBody: "Garden office",
    legalBasis: "Gnome act, section 1",
    reference: "GG-2026-1",
    hosts: [...hosts],
    collect: ["posts", "text", "fingerprints"],
    retentionDays: 90,
    start: instant(Date.now() - 60_000),
    expiry: instant(Date.now() + 3_600_000),
    robots: "ignore",
    ...more,
  }
  return mandateGate(mandate, mandateId(mandate), clock)
}
