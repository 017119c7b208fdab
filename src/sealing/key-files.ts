import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto"
import { constants } from "node:fs"
import { chmod, type FileHandle, link, mkdir, open, stat, unlink } from "node:fs/promises"
import { join } from "node:path"
import { WatchlineError } from "../errors.ts"

/** An Ed25519 pair (RFC 8032). */
export interface SigningKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export interface WorkspaceKeys {
  /** Signs mandates. */
  readonly mandate: SigningKey
  /** Signs versions of the de-index list. */
  readonly list: SigningKey
  /** 32 bytes, from which the keys for sealed text and for pseudonyms are derived. */
  readonly workspace: Uint8Array
}

const secretMode = 0o600
const folderMode = 0o700

/**
 * Makes the workspace's keys: `mandate.key` and `list.key` (PKCS #8 PEM, public halves beside them as `.pub`), `workspace.key` (base64).
 * A key that exists is never touched, so a second call completes an interrupted first one.
 *
 * @returns names of the files made
 */
export async function createKeys(dir: string): Promise<string[]> {
  await mkdir(dir, { recursive: true, mode: folderMode })
  await chmod(dir, folderMode)
  const made: string[] = []
  for (const name of ["mandate", "list"]) {
    const pair = generateKeyPairSync("ed25519")
    if (await writeOnce(dir, `${name}.key`, privatePem(pair.privateKey), secretMode)) made.push(`${name}.key`)
    const { publicKey } = await readSigningKey(dir, name)
    if (await writeOnce(dir, `${name}.pub`, publicPem(publicKey), 0o644)) made.push(`${name}.pub`)
  }
  const workspace = `${randomBytes(32).toString("base64")}\n`
  if (await writeOnce(dir, "workspace.key", workspace, secretMode)) made.push("workspace.key")
  return made
}

/**
 * Reads the keys that `createKeys` made.
 *
 * Errors: `workspace_missing` where a key is not there; `config_invalid` where others can read a key, or a file is no such key.
 */
export async function readKeys(dir: string): Promise<WorkspaceKeys> {
  const folder = await stat(dir).catch(() => undefined)
  if (!folder?.isDirectory()) throw missing(dir)
  if ((folder.mode & 0o077) !== 0) throw readable(dir, folder.mode, folderMode)
  const [mandate, list] = [await readSigningKey(dir, "mandate"), await readSigningKey(dir, "list")]
  const text = (await readSecret(join(dir, "workspace.key"))).trim()
  const workspace = new Uint8Array(Buffer.from(text, "base64"))
  if (workspace.length !== 32 || Buffer.from(workspace).toString("base64") !== text)
    throw unusable(join(dir, "workspace.key"))
  return { mandate, list, workspace }
}

async function readSigningKey(dir: string, name: string): Promise<SigningKey> {
  const path = join(dir, `${name}.key`)
  const pem = await readSecret(path)
  const privateKey = parsePrivate(pem)
  if (privateKey?.asymmetricKeyType !== "ed25519") throw unusable(path)
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

function parsePrivate(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

async function readSecret(path: string): Promise<string> {
  const file = await openSecret(path)
  try {
    const info = await file.stat()
    if (!info.isFile()) throw unusable(path)
    if ((info.mode & 0o077) !== 0) throw readable(path, info.mode, secretMode)
    return await file.readFile("utf8")
  } finally {
    await file.close()
  }
}

/** No symbolic link is followed: the mode that is checked must be that of the file in the workspace. */
async function openSecret(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (cause) {
    throw missing(path, cause)
  }
}

/**
 * Writes a file whole or not at all, and never over another: the content goes to a fresh name (O_EXCL) and reaches the disk before
 * `link` gives it its own name, which fails if that exists.
 *
 * @returns false if the file was there already
 */
async function writeOnce(dir: string, name: string, content: string, mode: number): Promise<boolean> {
  const fresh = join(dir, `.${name}.${randomBytes(6).toString("hex")}`)
  const file = await open(fresh, "wx", mode)
  try {
    await file.chmod(mode)
    await file.writeFile(content)
    await file.sync()
    await link(fresh, join(dir, name))
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false
    throw error
  } finally {
    await file.close()
    await unlink(fresh)
    await syncFolder(dir)
  }
}

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function privatePem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString()
}

function publicPem(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString()
}

function missing(path: string, cause?: unknown): WatchlineError {
  return new WatchlineError("workspace_missing", {
    message: `The key ${path} is not there or cannot be read.`,
    remedy:
      "Run `watchline init` to make a workspace, or name an existing one with --home. A lost key can only come from a backup.",
    cause,
  })
}

function readable(path: string, mode: number, wanted: number): WatchlineError {
  return new WatchlineError("config_invalid", {
    message: `Others can read ${path} (mode ${(mode & 0o777).toString(8)}).`,
    remedy: `Run \`chmod ${wanted.toString(8)} ${path}\`, and find out who read it meanwhile.`,
  })
}

function unusable(path: string): WatchlineError {
  return new WatchlineError("config_invalid", {
    message: `${path} does not hold a key that Watchline made.`,
    remedy:
      "Put it back from a backup. A new key would not open what this one sealed, nor sign for those who know this one.",
  })
}
