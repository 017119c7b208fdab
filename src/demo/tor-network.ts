import { readdir, readFile, rm, rmdir } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { TorControl } from "../../crawlers/tor/control-client.ts"
import { openManagedTor } from "../../crawlers/tor/managed-tor.ts"
import { type SocksAddress, socksRequest } from "../../crawlers/tor/socks-request.ts"
import { startTorProcess, type TorProcess } from "../../crawlers/tor/tor-process.ts"
import { WatchlineError } from "../errors.ts"
import { prepareAuthority, type TorAuthority } from "./tor-authority.ts"

interface TorNetworkOptions {
  /** Made with mode 0700. Keys in it, of the authority and of the onions, are used again by a later start. */
  readonly directory: string
  /** One v3 onion service each: its port 80 leads to `targetPort` on 127.0.0.1. */
  readonly onions: readonly { readonly name: string; readonly targetPort: number }[]
  readonly onProgress?: ((step: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface TorNetwork {
  /** The network's own client: a managed tor as a workspace has it. */
  readonly socks: SocksAddress
  readonly control: TorControl
  /** Address by name, "….onion". */
  readonly onions: ReadonlyMap<string, string>
  /** Configuration lines with which another managed tor joins this network. */
  readonly clientLines: readonly string[]
  readonly processes: readonly number[]
  /** Ends every process and removes the directory unless told to keep it. */
  stop(options?: { readonly keep?: boolean }): Promise<void>
}

const relayNames = ["relay1", "relay2", "relay3", "relay4", "relay5"]
const authorityName = "authority"
const onionHostName = "onion-host"
const clientName = "client"
const nodeNames = [authorityName, onionHostName, clientName, ...relayNames]

/**
 * A Tor network of our own on loopback: one authority, five relays, a host of onion services and a client. It has no exits, so nothing
 * leaves this machine.
 *
 * One authority, because a vote among several shows nothing that a crawler could see and costs seconds. It is told to vote as soon as
 * it knows every relay; the network's ordinary rhythm of five minutes comes after that. The onion host runs in single-hop mode: the
 * service's own anonymity is not what the demo shows, and it halves the work of every byte.
 */
export async function startTorNetwork(options: TorNetworkOptions): Promise<TorNetwork> {
  const { directory, signal } = options
  const say = (step: string) => options.onProgress?.(step)
  const running: { pid: number; stop(): Promise<void> }[] = []
  const stop = async ({ keep = false } = {}) => {
    await Promise.all(running.map((tor) => tor.stop()))
    if (!keep) await removeNetwork(directory)
  }
  const start = async (name: string, lines: readonly string[]) => {
    const tor = await startTorProcess({ directory: join(directory, name), lines, signal })
    running.push(tor)
    return tor
  }
  try {
    await forgetLastNetwork(directory)
    say("Making the authority's keys")
    const authority = await prepareAuthority(join(directory, authorityName), authorityName, signal)
    const members = memberLines(authority)
    say("Starting the relays")
    const [voter, onionHost, ...relays] = await startAll([
      () => start(authorityName, [...members, ...relayLines(authorityName), ...authorityLines(authority)]),
      () => start(onionHostName, [...members, ...onionLines(directory, options.onions), "DisableNetwork 1"]),
      ...relayNames.map(
        (name) => () => start(name, [...members, ...relayLines(name), "ORPort 127.0.0.1:auto IPv4Only"]),
      ),
    ])
    say("Waiting for the relays to be known")
    await until(signal, "the authority knows every relay", () => knowsAll(voter!.control))
    say("Voting")
    await voteNow(voter!.control)
    await until(signal, "the relays have the consensus", () => haveConsensus([voter!, ...relays]))
    say("Connecting the onion services and the client")
    const published = onionsPublished(onionHost!.control, options.onions.length)
    await onionHost!.control.send("SETEVENTS HS_DESC")
    await onionHost!.control.send("SETCONF DisableNetwork=0")
    const client = await openManagedTor({ directory: join(directory, clientName), extraLines: members, signal })
    running.push(client)
    const onions = new Map<string, string>()
    for (const { name } of options.onions) onions.set(name, await onionAddress(directory, name))
    say("Publishing the onion services")
    await until(signal, "the onion services are published", async () => published())
    await Promise.all(
      [...onions.values()].map((onion) => until(signal, "the onions answer", () => answers(client.socks, onion))),
    )
    const processes = running.map((tor) => tor.pid)
    return { socks: client.socks, control: client.control, onions, clientLines: members, processes, stop }
  } catch (error) {
    await stop()
    throw signal?.aborted ? new WatchlineError("interrupted", { cause: error }) : error
  }
}

/** Small, quick to connect, and content with six relays on one address. */
function memberLines(authority: TorAuthority): string[] {
  return [
    "TestingTorNetwork 1",
    authority.line,
    "TestingClientMaxIntervalWithoutRequest 1",
    "PathsNeededToBuildCircuits 0.25",
    "LearnCircuitBuildTimeout 0",
    "CircuitBuildTimeout 10",
    "UseEntryGuards 0",
    "VanguardsLiteEnabled 0",
    "ShutdownWaitLength 0",
    // No countries here, and 10 MB less for each process.
    "GeoIPFile /dev/null",
    "GeoIPv6File /dev/null",
  ]
}

function relayLines(name: string): string[] {
  return [
    `Nickname ${name}`,
    "Address 127.0.0.1",
    "AssumeReachable 1",
    "ExitRelay 0",
    "ContactInfo none",
    "SocksPort 0",
  ]
}

/** The first vote is far away until `voteNow`: an authority that starts alone would agree with itself on an empty network. */
function authorityLines(authority: TorAuthority): string[] {
  return [
    `ORPort 127.0.0.1:${authority.orPort} IPv4Only`,
    `DirPort 127.0.0.1:${authority.dirPort}`,
    "AuthoritativeDirectory 1",
    "V3AuthoritativeDirectory 1",
    "V3AuthVotingInterval 300 seconds",
    "V3AuthVoteDelay 2 seconds",
    "V3AuthDistDelay 2 seconds",
    "TestingV3AuthInitialVotingInterval 300 seconds",
    "TestingV3AuthInitialVoteDelay 2 seconds",
    "TestingV3AuthInitialDistDelay 2 seconds",
    `TestingV3AuthVotingStartOffset ${Math.floor(Date.now() / 1000 - 20) % 300} seconds`,
    "TestingDirAuthVoteGuard *",
    "TestingDirAuthVoteHSDir *",
  ]
}

function onionLines(directory: string, onions: TorNetworkOptions["onions"]): string[] {
  return [
    "SocksPort 0",
    "HiddenServiceSingleHopMode 1",
    "HiddenServiceNonAnonymousMode 1",
    ...onions.flatMap(({ name, targetPort }) => [
      `HiddenServiceDir "${join(directory, onionHostName, name)}"`,
      "HiddenServiceVersion 3",
      `HiddenServicePort 80 127.0.0.1:${targetPort}`,
    ]),
  ]
}

/** Starts all at once; where one fails, the others have finished starting (and can be stopped) before it is said. */
async function startAll(starts: readonly (() => Promise<TorProcess>)[]): Promise<TorProcess[]> {
  const results = await Promise.allSettled(starts.map((start) => start()))
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason
    return result.value
  })
}

async function knowsAll(authority: TorControl): Promise<boolean> {
  const descriptors = await authority.getInfo("desc/all-recent")
  return (descriptors.match(/^router /gm)?.length ?? 0) > relayNames.length
}

/** Moves the next vote to two or three seconds from now; with one authority every step of it happens at once. */
async function voteNow(authority: TorControl): Promise<void> {
  const validAfter = Math.ceil(Date.now() / 1000) + 2
  await authority.send(`SETCONF TestingV3AuthInitialVotingInterval=5 TestingV3AuthVotingStartOffset=${validAfter % 5}`)
}

/** Relays that asked too early would wait longer and longer: a HUP makes them ask again now. */
async function haveConsensus(relays: readonly TorProcess[]): Promise<boolean> {
  const [authority, ...others] = await Promise.all(relays.map(hasConsensus))
  if (!authority) return false
  const late = relays.slice(1).filter((_, index) => !others[index])
  await Promise.all(late.map((relay) => relay.control.send("SIGNAL HUP")))
  return late.length === 0
}

async function hasConsensus(relay: TorProcess): Promise<boolean> {
  return (await relay.control.getInfo("consensus/valid-after").catch(() => "")) !== ""
}

/** Whether every onion's descriptor is with a directory: HS_DESC UPLOADED events (control-spec, 4.1.25). */
function onionsPublished(onionHost: TorControl, count: number): () => boolean {
  const published = new Set<string>()
  onionHost.onEvent((name, text) => {
    const [action, address] = text.split(" ")
    if (name === "HS_DESC" && action === "UPLOADED" && address) published.add(address)
  })
  return () => published.size >= count
}

async function onionAddress(directory: string, name: string): Promise<string> {
  return (await readFile(join(directory, onionHostName, name, "hostname"), "latin1")).trim()
}

async function answers(socks: SocksAddress, onion: string): Promise<boolean> {
  const outcome = await socksRequest({ socks, host: onion, port: 80, username: "network", timeoutMs: 20_000 })
  if (outcome.stage === "connected") outcome.socket.destroy()
  return outcome.stage === "connected"
}

async function until(signal: AbortSignal | undefined, what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; ) {
    signal?.throwIfAborted()
    if (await holds()) return
    await sleep(200)
  }
  throw new WatchlineError("tor_not_ready", {
    message: `The private Tor network did not come up: waited a minute until ${what}.`,
    remedy: "Look whether the machine is overloaded, then start the demo again.",
  })
}

async function removeNetwork(directory: string): Promise<void> {
  await Promise.all(nodeNames.map((name) => rm(join(directory, name), { recursive: true, force: true })))
  // What is not ours stays, and with it the directory.
  await rmdir(directory).catch(() => undefined)
}

/** Cached documents name ports of another time. Keys stay. */
async function forgetLastNetwork(directory: string): Promise<void> {
  for (const node of nodeNames) {
    const data = join(directory, node, "data")
    for (const name of await readdir(data).catch(() => [])) {
      if (name !== "keys") await rm(join(data, name), { recursive: true, force: true })
    }
  }
}
