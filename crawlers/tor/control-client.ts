import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { WatchlineError } from "../../src/errors.ts"
import { authenticate } from "./safe-cookie.ts"

/**
 * A connection to Tor's control port (control-spec), authenticated with the cookie. Replies come in the order of the requests.
 *
 * Errors: `tor_unreachable` where the port does not answer, the cookie is refused, or the connection ends before the reply.
 */
export interface TorControl {
  /** Where it listens. */
  readonly port: number
  /** Sends one command line; the lines of the 250 reply without their codes, data blocks as one line each. */
  send(command: string): Promise<string[]>
  /** The value of one GETINFO key. */
  getInfo(key: string): Promise<string>
  /** Events that `SETEVENTS` asked for: their name, e.g. "STATUS_CLIENT", and the rest of their line. */
  onEvent(listener: (name: string, text: string) => void): void
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>
  close(): void
}

/** @param signal ends the attempt, not the connection */
export async function openTorControl(port: number, cookieFile: string, signal?: AbortSignal): Promise<TorControl> {
  const socket = connect({ host: "127.0.0.1", port })
  const giveUp = () => socket.destroy(new Error("stopped on request"))
  signal?.addEventListener("abort", giveUp)
  try {
    signal?.throwIfAborted()
    await once(socket, "connect")
    const control = speak(socket, port)
    // Tor opens the port before it writes the cookie; once it answers, the cookie is there.
    await control.send("PROTOCOLINFO 1")
    await authenticate(control.send, await readFile(cookieFile))
    return control
  } catch (cause) {
    socket.destroy()
    if (cause instanceof WatchlineError) throw cause
    throw lost("Tor's control port does not answer.", cause)
  } finally {
    signal?.removeEventListener("abort", giveUp)
  }
}

/** Reads reply lines `250 text`, `250-text`, `250+text` with its data block up to ".", and `650` events of the same forms. */
function speak(socket: Socket, port: number): TorControl {
  const waiting: PromiseWithResolvers<string[]>[] = []
  const listeners: Parameters<TorControl["onEvent"]>[0][] = []
  let buffered = ""
  let reply: string[] = []
  let inBlock = false

  function takeLine(line: string): void {
    if (inBlock) {
      if (line === ".") inBlock = false
      else reply.push(`${reply.pop() ?? ""}\n${line.replace(/^\./, "")}`)
      return
    }
    const mark = line[3]
    reply.push(line.slice(4))
    if (mark === "+") inBlock = true
    if (mark !== " ") return
    const lines = reply
    reply = []
    if (line.startsWith("6")) {
      const [name = "", ...rest] = lines.join("\n").split(" ")
      for (const listener of listeners) listener(name, rest.join(" "))
    } else if (line.startsWith("2")) waiting.shift()?.resolve(lines)
    else waiting.shift()?.reject(lost(`Tor refused a control command (${line.slice(0, 3)}).`))
  }

  socket.setEncoding("latin1").on("data", (chunk) => {
    const lines = (buffered + chunk).split("\r\n")
    buffered = lines.pop()!
    for (const line of lines) takeLine(line)
  })
  socket.on("error", () => socket.destroy())
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve())).then(() => {
    for (const command of waiting.splice(0)) command.reject(lost("Tor closed its control port."))
  })

  async function send(command: string): Promise<string[]> {
    if (socket.destroyed || !socket.writable) throw lost("Tor's control port is closed.")
    const answer = Promise.withResolvers<string[]>()
    waiting.push(answer)
    socket.write(`${command}\r\n`)
    return answer.promise
  }
  return {
    port,
    send,
    getInfo: async (key) => (await send(`GETINFO ${key}`))[0]!.slice(key.length + 1).replace(/^\n/, ""),
    onEvent: (listener) => listeners.push(listener),
    closed,
    close: () => socket.destroy(),
  }
}

function lost(message: string, cause?: unknown): WatchlineError {
  return new WatchlineError("tor_unreachable", {
    message,
    cause,
    remedy: "See whether tor is running; start it again.",
  })
}
