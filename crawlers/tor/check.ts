import { generateKeyPairSync, hash } from "node:crypto"
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { readBootstrap } from "./bootstrap.ts"
import type { TorControl } from "./control-client.ts"
import { foreignSockets } from "./open-sockets.ts"
import { replyMeaning } from "./socks-reply.ts"
import { type SocksAddress, type SocksOutcome, socksRequest } from "./socks-request.ts"

export interface TorStep {
  readonly name: string
  readonly ok: boolean
  /** One sentence: what was seen. */
  readonly detail: string
  /** What a person can do; on a failed step. */
  readonly remedy?: string
}

export interface TorCheckOptions {
  readonly socks: SocksAddress
  /** Where Tor is ours: its own word on the bootstrap. */
  readonly control?: TorControl | undefined
  /** An onion host that should answer, "….onion" or "….onion:port". */
  readonly onion?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** How long one request through Tor may take, in milliseconds. Default 60,000. */
  readonly timeoutMs?: number | undefined
}

type Step = Omit<TorStep, "name">

/**
 * Whether the SOCKS port leads into Tor and to the forum, step by step; it ends with the first step that fails.
 *
 * Nobody outside Tor is contacted: Tor is known by its own command RESOLVE, which it answers for an address without asking anybody, and
 * a working connection by the answer for an onion address that nobody has.
 */
export async function* checkTor(options: TorCheckOptions): AsyncGenerator<TorStep> {
  const steps: [string, () => Promise<Step>][] = [
    ["SOCKS port", () => portAnswers(options)],
    ["SOCKS identities", () => takesIdentities(options)],
    ["really Tor", () => isTor(options)],
    ["nothing past Tor", () => refusesLoopback(options)],
    ["connected to the network", () => isConnected(options)],
    ...(options.onion
      ? [["onion answers", () => onionAnswers(options, options.onion!)] satisfies [string, () => Promise<Step>]]
      : []),
    ["nothing leaks", () => nothingLeaks(options)],
  ]
  for (const [name, run] of steps) {
    options.signal?.throwIfAborted()
    const step = { name, ...(await run()) }
    yield step
    if (!step.ok) return
  }
}

function ask(
  options: TorCheckOptions,
  host: string,
  port: number,
  command: "connect" | "resolve" = "connect",
): Promise<SocksOutcome> {
  const { socks, signal, timeoutMs = 60_000 } = options
  // A user name of its own: the check's circuits are nobody else's.
  return socksRequest({ socks, host, port, command, username: "watchline-check", timeoutMs, signal })
}

/** For questions that Tor answers itself, without its network. */
function askLocally(options: TorCheckOptions): Promise<SocksOutcome> {
  return ask({ ...options, timeoutMs: Math.min(options.timeoutMs ?? 10_000, 10_000) }, nowhere, 0, "resolve")
}

const where = ({ socks }: TorCheckOptions) => `${socks.host}:${socks.port}`

/** Reserved for documentation (RFC 5737): nobody is there, and nobody is asked. */
const nowhere = "192.0.2.1"

async function portAnswers(options: TorCheckOptions): Promise<Step> {
  const outcome = await askLocally(options)
  if (outcome.stage === "no-port") {
    return {
      ok: false,
      detail: `Nothing answers at ${where(options)} (${outcome.code}).`,
      remedy:
        "Start Tor, or correct the address: WATCHLINE_TOR_SOCKS and tor.socks name host and port of the SOCKS port (9050 for a system tor, 9150 for Tor Browser).",
    }
  }
  return { ok: true, detail: `${where(options)} accepts connections.` }
}

async function takesIdentities(options: TorCheckOptions): Promise<Step> {
  const outcome = await askLocally(options)
  if (outcome.stage === "not-socks" || outcome.stage === "silent") {
    return {
      ok: false,
      detail: `What listens at ${where(options)} does not speak SOCKS5.`,
      remedy: "Name Tor's SocksPort, not its ControlPort, HTTPTunnelPort or a web proxy.",
    }
  }
  if (outcome.stage === "no-passwords") {
    return {
      ok: false,
      detail:
        "The proxy takes no user name and password (RFC 1929), so forums could not be kept on circuits of their own.",
      remedy: "Use Tor itself, with IsolateSOCKSAuth left on for its SocksPort.",
    }
  }
  return { ok: true, detail: "SOCKS5 with user name and password: each identity can have circuits of its own." }
}

async function isTor(options: TorCheckOptions): Promise<Step> {
  const outcome = await askLocally(options)
  if (outcome.stage === "resolved" && outcome.address === nowhere)
    return { ok: true, detail: "It answers Tor's own command RESOLVE." }
  return {
    ok: false,
    detail: "This is an ordinary SOCKS5 proxy, not Tor: it does not know Tor's command RESOLVE.",
    remedy: "Do not crawl through it. Name the SocksPort of a tor.",
  }
}

/** A real listener on this machine: an ordinary proxy beside us would reach it, Tor never does. */
async function refusesLoopback(options: TorCheckOptions): Promise<Step> {
  let reached = false
  const listener = createServer((socket) => {
    reached = true
    socket.destroy()
  })
  listener.listen(0, "127.0.0.1")
  await once(listener, "listening")
  try {
    const outcome = await ask(options, "127.0.0.1", (listener.address() as AddressInfo).port)
    if (outcome.stage === "connected") outcome.socket.destroy()
    if (reached || outcome.stage === "connected") {
      return {
        ok: false,
        detail: "The proxy connected to an address of this machine; Tor refuses that.",
        remedy: "Do not crawl through it. Where it is a tor, remove `ClientRejectInternalAddresses 0` from its torrc.",
      }
    }
    return { ok: true, detail: "A request for an address of this machine is refused." }
  } finally {
    listener.close()
  }
}

async function isConnected(options: TorCheckOptions): Promise<Step> {
  const remedy =
    "Wait a minute; then see whether this machine may reach the internet, whether its clock is right, and whether Tor is blocked here (use a bridge)."
  if (options.control) {
    const phase = readBootstrap(await options.control.getInfo("status/bootstrap-phase").catch(() => ""))
    if (!phase) return { ok: false, detail: "Tor's control port does not answer any more.", remedy: "Start Tor again." }
    const reason = phase.warning ? `; Tor's reason: ${phase.warning}` : ""
    const detail = `Bootstrapped ${phase.percent} % (${phase.summary})${reason}.`
    return phase.percent === 100 ? { ok: true, detail } : { ok: false, detail, remedy }
  }
  // An external tor: only one that is connected can look an onion address up and say that it is nowhere.
  const outcome = await ask(options, unusedOnion(), 80)
  if (outcome.stage === "connected") outcome.socket.destroy()
  const looked = outcome.stage === "reply" && (outcome.code === 0xf0 || outcome.code === 4)
  if (looked) return { ok: true, detail: "Tor looks onion addresses up in its network." }
  const seen = outcome.stage === "reply" ? replyMeaning(outcome.code).says : "Tor gave no answer in time."
  return { ok: false, detail: `An onion address cannot be looked up: ${seen}`, remedy }
}

async function onionAnswers(options: TorCheckOptions, onion: string): Promise<Step> {
  const [host = "", port = "80"] = onion.split(":")
  const outcome = await ask(options, host, Number(port))
  if (outcome.stage === "connected") {
    outcome.socket.destroy()
    return { ok: true, detail: `The onion service accepts connections on port ${port}.` }
  }
  if (outcome.stage === "reply") {
    const { says, remedy } = replyMeaning(outcome.code)
    return { ok: false, detail: says, remedy }
  }
  return {
    ok: false,
    detail: "The onion service did not answer in time.",
    remedy: "Try again later: it may be busy or offline. Look whether its address is current.",
  }
}

async function nothingLeaks({ socks, control }: TorCheckOptions): Promise<Step> {
  const allowed = [socks, ...(control ? [{ host: "127.0.0.1", port: control.port }] : [])]
  const found = await foreignSockets(allowed)
  if (!found) return { ok: true, detail: "Not checked on this system: it has no /proc/self/net." }
  if (found.foreign > 0) {
    return {
      ok: false,
      detail: `${found.foreign} of this process's ${found.total} sockets lead past Tor.`,
      remedy: "Stop the crawl and report this as a fault of Watchline.",
    }
  }
  return { ok: true, detail: `None of this process's ${found.total} sockets leads past Tor.` }
}

/** A well-formed v3 address (rend-spec-v3, 6) of a key made this moment: nobody publishes it. */
function unusedOnion(): string {
  const key = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).subarray(-32)
  const version = Uint8Array.of(3)
  const checksum = hash("sha3-256", Buffer.concat([Buffer.from(".onion checksum"), key, version]), "buffer").subarray(
    0,
    2,
  )
  const bits = [...key, ...checksum, ...version].map((byte) => byte.toString(2).padStart(8, "0")).join("")
  return `${bits.replace(/.{5}/g, (group) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(group, 2)]!)}.onion`
}
