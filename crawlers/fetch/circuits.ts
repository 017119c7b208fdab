import { createHash } from "node:crypto"
import { WatchlineError } from "../../src/errors.ts"
import type { MandateGate } from "../mandate.ts"
import { type SocksAddress, TorAgent } from "./tor-agent.ts"

export interface CircuitsOptions {
  readonly forum: string
  readonly gate: MandateGate
  readonly socks: SocksAddress
  readonly connectMs: number
  /** Circuits for what needs no session. */
  readonly count: number
  readonly random: (bytes: number) => Uint8Array
}

/**
 * The circuits of one identity: one for requests that carry the session, others for those that need none, so that neither can be linked to
 * the other by its exit or rendezvous, and pictures come in side by side.
 *
 * A circuit on which a host was unreachable or too slow is replaced: the next request of its role gets a new one.
 */
export interface Circuits {
  withSession<T>(work: (agent: TorAgent) => Promise<T>): Promise<T>
  /** On the least busy of them. */
  withoutSession<T>(work: (agent: TorAgent) => Promise<T>): Promise<T>
  close(): void
}

interface Circuit {
  readonly role: string
  readonly agent: TorAgent
  busy: number
}

export function openCircuits(options: CircuitsOptions): Circuits {
  // Never kept: after a restart nobody, the exit and Tor included, can tell that the same forum's circuits are back.
  const run = hex(options.random(16))

  function open(role: string): Circuit {
    const username = createHash("sha256")
      .update(JSON.stringify([run, options.forum, role]))
      .digest("hex")
    const password = hex(options.random(16))
    return {
      role,
      agent: new TorAgent(options.socks, { username, password }, options.gate, options.connectMs),
      busy: 0,
    }
  }

  const session = [open("session")]
  const others = Array.from({ length: Math.max(1, options.count) }, (_, index) => open(`other ${index}`))

  async function use<T>(circuits: Circuit[], work: (agent: TorAgent) => Promise<T>): Promise<T> {
    const circuit = circuits.reduce((least, next) => (next.busy < least.busy ? next : least))
    circuit.busy++
    try {
      return await work(circuit.agent)
    } catch (error) {
      if (error instanceof WatchlineError && (error.code === "host_unreachable" || error.code === "fetch_timeout")) {
        const index = circuits.indexOf(circuit)
        if (index >= 0) circuits[index] = open(circuit.role)
      }
      throw error
    } finally {
      circuit.busy--
      if (circuit.busy === 0 && !circuits.includes(circuit)) circuit.agent.destroy()
    }
  }

  return {
    withSession: (work) => use(session, work),
    withoutSession: (work) => use(others, work),
    close() {
      for (const circuit of [...session, ...others]) circuit.agent.destroy()
    },
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")
}
