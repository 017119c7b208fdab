import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** One system call that named a peer. */
export interface Contact {
  readonly call: string
  /** "HOST:PORT", "unix:PATH" or "netlink"; what cannot be read is given as it stands in the trace, and so is never an allowed one. */
  readonly peer: string
}

export interface Observation {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** Every contact of the command and of all that it started, refused and failed ones included, in order. */
  readonly contacts: readonly Contact[]
}

export interface ObservedCommand {
  readonly command: readonly [string, ...string[]]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** The command is killed after this time. */
  readonly timeoutMs: number
}

/**
 * io_uring passes by every system call, and libuv uses it where it can; told that the kernel has none, it makes the calls that we see.
 */
const withoutRings = ["-e", "inject=io_uring_setup:error=ENOSYS"]

/** The calls with which a process on Linux reaches a peer that it names; data on a connected socket needs no further name. */
const calls = ["connect", "sendto", "sendmsg", "sendmmsg"]

/**
 * Runs a command under strace and reports every peer that it or a child of it tried to reach: by any address family, on any thread, whether
 * it worked or not. An empty network namespace would show that nothing got out; this shows also that nothing was tried, a look-up over
 * /etc/hosts or nscd included, and it needs no root.
 *
 * @throws if strace is missing or may not trace, saying what to do
 */
export async function observeNetwork(options: ObservedCommand): Promise<Observation> {
  const folder = await mkdtemp(join(tmpdir(), "watchline-observer-"))
  const trace = join(folder, "trace")
  try {
    const calling = `trace=${calls.join(",")},io_uring_setup`
    const tracing = ["-f", "-qq", "-s", "64", "-e", "signal=none", "-e", calling, ...withoutRings, "-o", trace]
    const child = spawn("strace", [...tracing, "--", ...options.command], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      ...(options.env ? { env: options.env } : {}),
      ...(options.cwd ? { cwd: options.cwd } : {}),
    })
    const kill = () => {
      // The group: strace alone would detach and leave the command running.
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, "SIGKILL")
    }
    const timer = setTimeout(kill, options.timeoutMs)
    try {
      const output = [collect(child.stdout), collect(child.stderr)] as const
      const [exitCode] = (await once(child, "close")) as [number | null]
      const [stdout, stderr] = output.map((read) => read())
      if (/ptrace|PTRACE/.test(stderr!))
        throw new Error(`strace may not trace here: allow ptrace for this user or container.\n${stderr}`)
      return { exitCode, stdout: stdout!, stderr: stderr!, contacts: readTrace(await readFile(trace, "utf8")) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
      throw new Error("This test watches a process with strace, which is not installed: apt-get install strace", {
        cause: error,
      })
    } finally {
      clearTimeout(timer)
      kill()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What reached anything but the given addresses ("HOST:PORT"). */
export function contactsBeside(allowed: readonly string[], contacts: readonly Contact[]): Contact[] {
  return contacts.filter((contact) => !allowed.includes(contact.peer))
}

/** Contacts in strace's output. A call that was interrupted by another thread's line shows its arguments where it begins. */
export function readTrace(text: string): Contact[] {
  const contacts: Contact[] = []
  for (const line of text.split("\n")) {
    // A ring that was set up all the same hides what follows.
    if (/^(?:\d+\s+)?(?:<\.{3} )?io_uring_setup\b.*= \d+$/.test(line))
      contacts.push({ call: "io_uring_setup", peer: line })
    const [, call, args] = /^(?:\d+\s+)?(\w+)\((.*)$/.exec(line) ?? []
    if (!call || args === undefined) continue
    const peers = [...args.matchAll(/\{sa_family=(\w+)([^}]*)\}/g)].map(([, family, rest]) => peerOf(family!, rest!))
    // Without a name it goes to a peer that a connect named before; connect itself always has one.
    if (peers.length === 0 && call === "connect") peers.push(line)
    for (const peer of peers) contacts.push({ call, peer })
  }
  return contacts
}

function peerOf(family: string, rest: string): string {
  const port = /sin6?_port=htons\((\d+)\)/.exec(rest)?.[1]
  const host = /inet_addr\("([^"]+)"\)/.exec(rest)?.[1] ?? /inet_pton\(AF_INET6, "([^"]+)"/.exec(rest)?.[1]
  if (family === "AF_INET" && host && port) return `${host}:${port}`
  if (family === "AF_INET6" && host && port) return `[${host}]:${port}`
  const path = /sun_path=(@?"[^"]*")/.exec(rest)?.[1]
  if (family === "AF_UNIX" && path) return `unix:${path.replaceAll('"', "")}`
  return family === "AF_NETLINK" ? "netlink" : `${family}${rest}`
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: string[] = []
  stream?.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk))
  return () => chunks.join("")
}
