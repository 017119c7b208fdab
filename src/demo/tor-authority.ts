import { execFile } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdir, readFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { join } from "node:path"
import { promisify } from "node:util"
import { torMissing } from "../../crawlers/tor/tor-process.ts"

/** A directory authority's identities, as the DirAuthority line of every member names them. */
export interface TorAuthority {
  readonly orPort: number
  readonly dirPort: number
  /** The torrc line by which others know it. */
  readonly line: string
}

/**
 * Makes the keys of the one authority of a private network (tor-gencert, `tor --list-fingerprint`), or takes those that are there.
 *
 * @param directory the authority's tor directory, as `startTorProcess` gets it
 */
export async function prepareAuthority(
  directory: string,
  nickname: string,
  signal?: AbortSignal,
): Promise<TorAuthority> {
  const data = join(directory, "data")
  const keys = join(data, "keys")
  await mkdir(keys, { recursive: true, mode: 0o700 })
  const [orPort, dirPort] = await freePorts()
  const certificate = join(keys, "authority_certificate")
  const [, listed] = await Promise.all([
    existsSync(certificate) ? undefined : makeCertificate(keys, certificate, signal),
    tool(
      "tor",
      [
        ...["--list-fingerprint", "--hush", "--ignore-missing-torrc", "-f", join(directory, "no-torrc")],
        ...["--DataDirectory", data, "--Nickname", nickname, "--ORPort", `127.0.0.1:${orPort}`],
        ...["--Address", "127.0.0.1", "--AssumeReachable", "1", "--ExitRelay", "0"],
      ],
      "",
      signal,
    ),
  ])
  const identity = /^fingerprint ([0-9A-F]{40})$/m.exec(await readFile(certificate, "latin1"))![1]!
  const fingerprint = /(?:[0-9A-F]{4} ?){10}/.exec(listed)![0].replaceAll(" ", "")
  return {
    orPort,
    dirPort,
    line: `DirAuthority ${nickname} orport=${orPort} v3ident=${identity} 127.0.0.1:${dirPort} ${fingerprint}`,
  }
}

async function makeCertificate(keys: string, certificate: string, signal?: AbortSignal): Promise<void> {
  const files = [
    "-i",
    join(keys, "authority_identity_key"),
    "-s",
    join(keys, "authority_signing_key"),
    "-c",
    certificate,
  ]
  // It wants a passphrase for the identity key; the key protects nothing beyond this machine's demo.
  await tool("tor-gencert", ["--create-identity-key", ...files, "-m", "12", "--passphrase-fd", "0"], "demo\n", signal)
}

async function tool(name: string, args: readonly string[], input: string, signal?: AbortSignal): Promise<string> {
  const running = promisify(execFile)(name, [...args], signal ? { signal } : {})
  running.child.stdin?.on("error", () => undefined).end(input)
  try {
    return (await running).stdout
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") throw torMissing()
    throw error
  }
}

/** Two ports that are free now: everybody has to know an authority's ports before it runs, so tor cannot choose them itself. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()]
  for (const server of servers) server.listen(0, "127.0.0.1")
  await Promise.all(servers.map((server) => once(server, "listening")))
  const [first, second] = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return [first!, second!]
}
