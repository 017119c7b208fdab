import assert from "node:assert/strict"
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readdir, rm, stat } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { openManagedTor } from "../../crawlers/tor/managed-tor.ts"
import { socksRequest } from "../../crawlers/tor/socks-request.ts"
import { startTorProcess } from "../../crawlers/tor/tor-process.ts"
import { startTorNetwork, type TorNetwork } from "../../src/demo/tor-network.ts"
import { WatchlineError } from "../../src/errors.ts"
import { failingStep, torSteps } from "../support/tor-steps.ts"

/** One private network for the whole file; every test that kills something works on a tor of its own. */
let folder: string
let forum: Server
let network: TorNetwork
let onion: string

before(
  async () => {
    folder = await mkdtemp(join(tmpdir(), "watchline-tor-"))
    forum = createServer((_, response) => response.end("garden gnomes")).listen(0, "127.0.0.1")
    await once(forum, "listening")
    const targetPort = (forum.address() as AddressInfo).port
    network = await startTorNetwork({ directory: join(folder, "network"), onions: [{ name: "forum", targetPort }] })
    onion = network.onions.get("forum")!
  },
  { timeout: 120_000 },
)

after(async () => {
  const processes = network?.processes ?? []
  await network?.stop()
  forum?.close()
  await rm(folder, { recursive: true, force: true })
  for (const pid of processes) assert.equal(await isGone(pid), true, "stopping the network ends every process")
})

async function connect(username: string, host = onion): Promise<Socket> {
  const outcome = await socksRequest({ socks: network.socks, host, port: 80, username, timeoutMs: 30_000 })
  assert.equal(outcome.stage, "connected")
  return (outcome as { socket: Socket }).socket
}

/** Gone, or a zombie that nobody has reaped: it runs no more. */
async function isGone(pid: number): Promise<boolean> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "stat=", "-p", String(pid)]).catch(() => ({ stdout: "" }))
  return stdout.trim() === "" || stdout.startsWith("Z")
}

async function runsIn(directory: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "args="])
  return stdout.includes(directory)
}

/** As the network's lines, but nobody listens where the authority should. */
function cutOffLines(): string[] {
  return network.clientLines.map((line) =>
    line.startsWith("DirAuthority")
      ? line.replace(/orport=\d+/, "orport=1").replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1")
      : line,
  )
}

/** Within 25 seconds: tor looks for its owner every 15, should the control connection not have told it. */
async function goesAway(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 125; tries++) {
    if (await isGone(pid)) return true
    await sleep(200)
  }
  return false
}

async function ownerProcess(
  t: TestContext,
  directory: string,
): Promise<{ child: ChildProcess; pid: number; owned: boolean }> {
  const script = join(import.meta.dirname, "../support/managed-tor-owner.ts")
  const child = spawn(process.execPath, [script, directory, JSON.stringify(network.clientLines)], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  t.after(() => child.kill("SIGKILL"))
  const [line] = await once(child.stdout.setEncoding("utf8"), "data")
  return { child, ...JSON.parse(line) }
}

test("an onion service answers through the SOCKS port", async () => {
  const socket = await connect("reader")
  // Not `end`: Tor knows no half-closed connections.
  socket.write("GET / HTTP/1.1\r\nHost: forum\r\nConnection: close\r\n\r\n")
  const answer = Buffer.concat(await socket.toArray()).toString("latin1")
  assert.match(answer, /^HTTP\/1\.1 200/)
  assert.match(answer, /garden gnomes/)
})

test("two identities never share a circuit, one identity keeps its own", async () => {
  const sockets = await Promise.all(["gnome-a", "gnome-b", "gnome-a"].map((name) => connect(name)))
  const streams = (await network.control.getInfo("stream-status")).trim().split("\n")
  const circuits = (await network.control.getInfo("circuit-status")).split("\n")
  for (const socket of sockets) socket.destroy()

  const circuitsOf = (name: string) =>
    circuits.filter((line) => line.includes(`SOCKS_USERNAME="${name}"`)).map((line) => line.split(" ")[0]!)
  const [a, b] = [circuitsOf("gnome-a"), circuitsOf("gnome-b")]
  assert.ok(a.length > 0 && b.length > 0)
  assert.deepEqual(
    a.filter((id) => b.includes(id)),
    [],
  )
  const used = streams.filter((line) => line.includes("SUCCEEDED")).map((line) => line.split(" ")[2]!)
  assert.equal(used.filter((id) => a.includes(id)).length, 2)
  assert.equal(used.filter((id) => b.includes(id)).length, 1)
})

test("the check passes every step on a working network, with the control port and without", async () => {
  const own = await torSteps({ socks: network.socks, control: network.control, onion })
  assert.equal(failingStep(own), "all passed")
  assert.deepEqual(
    own.map((step) => step.name),
    [
      "SOCKS port",
      "SOCKS identities",
      "really Tor",
      "nothing past Tor",
      "connected to the network",
      "onion answers",
      "nothing leaks",
    ],
  )
  assert.equal(failingStep(await torSteps({ socks: network.socks, onion })), "all passed")
})

test("the check tells a wrong onion address from a closed port", async () => {
  const mistyped = (await torSteps({ socks: network.socks, control: network.control, onion: "gnomes.onion" })).at(-1)!
  assert.equal(mistyped.name, "onion answers")
  assert.match(mistyped.detail, /no valid onion address/)
  const closed = (await torSteps({ socks: network.socks, control: network.control, onion: `${onion}:81` })).at(-1)!
  assert.equal(closed.name, "onion answers")
  assert.match(closed.detail, /refuses the connection/)
})

test("with its tor killed, connections are refused and the check names the SOCKS port", async (t) => {
  const tor = await openManagedTor({ directory: join(folder, "killed"), extraLines: network.clientLines })
  t.after(() => tor.stop())
  process.kill(tor.pid, "SIGKILL")
  await tor.ended
  const outcome = await socksRequest({ socks: tor.socks, host: onion, port: 80, username: "x", timeoutMs: 5_000 })
  assert.deepEqual(outcome, { stage: "no-port", code: "ECONNREFUSED" })
  assert.equal(failingStep(await torSteps({ socks: tor.socks, control: tor.control, onion })), "SOCKS port")
})

test("processes of one workspace share one tor; killing its owner leaves no tor behind, and the next one starts it anew", async (t) => {
  const directory = join(folder, "shared")
  const owner = await ownerProcess(t, directory)
  assert.equal(owner.owned, true)
  const borrowed = await openManagedTor({ directory, extraLines: network.clientLines })
  assert.deepEqual([borrowed.pid, borrowed.owned], [owner.pid, false])

  owner.child.kill("SIGKILL")
  await borrowed.ended
  assert.equal(await goesAway(owner.pid), true)

  const again = await openManagedTor({ directory, extraLines: network.clientLines })
  t.after(() => again.stop())
  assert.equal(again.owned, true)
  assert.notEqual(again.pid, owner.pid)
})

test("two processes that open one workspace's tor at the same moment end up with one", async (t) => {
  const directory = join(folder, "raced")
  const opening = [1, 2].map(() => openManagedTor({ directory, extraLines: network.clientLines }))
  t.after(() => Promise.allSettled(opening.map(async (tor) => (await tor).stop())))
  const both = await Promise.all(opening)
  assert.equal(new Set(both.map((tor) => tor.pid)).size, 1)
  assert.deepEqual(both.map((tor) => tor.owned).sort(), [false, true])
})

test("a stranger on the port of a tor that died is not taken for it", async (t) => {
  const directory = join(folder, "taken-over")
  const first = await openManagedTor({ directory, extraLines: network.clientLines })
  const port = first.control.port
  // As after a kill: note and cookie stay behind.
  process.kill(first.pid, "SIGKILL")
  await first.ended
  // It says yes to everything and offers a SOCKS port of its own.
  const answers: Record<string, string> = {
    AUTHCHALLENGE: `250 AUTHCHALLENGE SERVERHASH=${"0".repeat(64)} SERVERNONCE=${"0".repeat(64)}\r\n`,
    "GETINFO process/pid": `250-process/pid=${first.pid}\r\n250 OK\r\n`,
    "GETINFO status/bootstrap-phase": "250-status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=100\r\n250 OK\r\n",
    "GETINFO net/listeners/socks": '250-net/listeners/socks="127.0.0.1:9"\r\n250 OK\r\n',
  }
  const stranger = createTcpServer((socket) => {
    socket.setEncoding("latin1").on("data", (line) => {
      const request = Object.keys(answers).find((start) => String(line).startsWith(start))
      socket.write(request ? answers[request]! : "250 OK\r\n")
    })
  })
  t.after(() => stranger.close())
  stranger.listen(port, "127.0.0.1")
  await once(stranger, "listening")
  const second = await openManagedTor({ directory, extraLines: network.clientLines })
  t.after(() => second.stop())
  assert.equal(second.owned, true)
  assert.notEqual(second.socks.port, 9)
})

test("a tor's folder is for its owner alone and holds no log", async () => {
  const directory = join(folder, "network", "client")
  assert.equal((await stat(directory)).mode & 0o777, 0o700)
  for (const name of await readdir(directory)) {
    if (name !== "data") assert.equal((await stat(join(directory, name))).mode & 0o077, 0, name)
  }
  const files = await readdir(directory, { recursive: true })
  assert.deepEqual(
    files.filter((name) => /log/i.test(name)),
    [],
  )
})

test("a start that is stopped half-way leaves no process and no files", async () => {
  const directory = join(folder, "stopped half-way")
  const onions = [{ name: "forum", targetPort: 9 }]
  const stop = new AbortController()
  const starting = startTorNetwork({
    directory,
    onions,
    signal: stop.signal,
    onProgress: (step) => {
      if (step.includes("relays to be known")) stop.abort()
    },
  })
  await assert.rejects(starting, (error: unknown) => error instanceof WatchlineError && error.code === "interrupted")
  assert.equal(await runsIn(directory), false)
  await assert.rejects(stat(directory), { code: "ENOENT" })
})

test("a network that cannot be reached fails with the percentage and Tor's reason, and leaves no process", async () => {
  const directory = join(folder, "cut-off")
  const opening = openManagedTor({ directory, extraLines: cutOffLines(), stallMs: 4_000 })
  await assert.rejects(opening, (error: unknown) => {
    assert.ok(error instanceof WatchlineError)
    assert.equal(error.code, "tor_not_ready")
    assert.match(error.message, /\d+ %.*Connection refused/s)
    assert.ok(error.remedy)
    return true
  })
  assert.equal(await runsIn(directory), false)
})

test("an external tor that is not connected is told by its silence, at that step", async (t) => {
  const lines = [...cutOffLines(), "SocksPort 127.0.0.1:auto ExtendedErrors"]
  const tor = await startTorProcess({ directory: join(folder, "external"), lines })
  t.after(() => tor.stop())
  const [, port] = /:(\d+)"/.exec(await tor.control.getInfo("net/listeners/socks"))!
  const steps = await torSteps({ socks: { host: "127.0.0.1", port: Number(port) }, onion, timeoutMs: 3_000 })
  assert.equal(failingStep(steps), "connected to the network")
  assert.match(steps.at(-1)!.remedy ?? "", /clock/)
})

test("without the program tor, the remedy says how to install it", async () => {
  const program = `
    import { openManagedTor } from ${JSON.stringify(join(import.meta.dirname, "../../crawlers/tor/managed-tor.ts"))}
    await openManagedTor({ directory: ${JSON.stringify(join(folder, "missing"))} }).catch((e) => console.log(e.code, e.remedy))`
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    env: { PATH: join(folder, "empty") },
  })
  assert.match(stdout, /^setup_incomplete .*apt-get install -y tor/)
})
