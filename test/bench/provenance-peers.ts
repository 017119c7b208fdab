import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { installPeers } from "./peer-packages.ts"

const folder = join(import.meta.dirname, "peers")
const python = join(folder, "node_modules", ".python")

/** What a tool says of one file. */
export interface PeerReading {
  readonly file: string
  /** Names of generators that count as said; the first is what it says. */
  readonly names: readonly string[]
  readonly ms: number
}

export interface Peer {
  readonly name: string
  read(files: readonly string[]): PeerReading[]
}

/**
 * A plain rule over what a metadata reader shows, first match first: the keywords that everybody knows. Readers like exiftool give no
 * verdicts; this is the least that a user of one would write, and a fair one: it finds nearly every file.
 */
const keywords: readonly (readonly [RegExp, readonly string[]])[] = [
  [/sui_image_params/, ["swarmui"]],
  [/mflux_version/, ["mflux"]],
  [/generation_data/i, ["tensor-art"]],
  [/parameters-json/i, ["stability-matrix"]],
  [/invokeai|sd-metadata/i, ["invokeai"]],
  [/fooocus/i, ["fooocus"]],
  [/Imaginairy/i, ["imaginairy"]],
  [/Draw Things|seed_mode/, ["draw-things"]],
  [/NovelAI/, ["novelai"]],
  [/\\?"uc\\*":/, ["draw-things"]],
  [/App: SD\.Next/, ["sdnext"]],
  [/stable-diffusion\.cpp/, ["stable-diffusion.cpp"]],
  [/class_type|last_node_id/, ["comfyui"]],
  [/use_stable_diffusion_model|Stable Diffusion model/, ["easy-diffusion"]],
  [/Steps: \d+/, ["automatic1111"]],
  [/hf-job-id/i, ["hf-job"]],
  [/"?(?:chara|ccv3)"?\s*:|chara_card_v/i, ["character-card"]],
  [/Job ID: [0-9a-f-]{36}|DigImageGUID|midjourney/i, ["midjourney"]],
  [/genAIType|Photo assist/i, ["samsung"]],
  [/Black Forest/i, ["black-forest-labs"]],
  [/openai|GPT-4o|DALL/i, ["openai"]],
  [/Ideogram|reve\.com/i, ["ideogram", "reve"]],
  [/\bAIGC\b/i, ["tc260"]],
  [/Google (?:C2PA|AI|Generative)/i, ["google"]],
  [/Firefly/i, ["adobe"]],
  [/Signature: [A-Za-z0-9+/=]{64}/, ["xai"]],
  [/trainedAlgorithmicMedia/i, ["iptc", "c2pa"]],
]

function namedBy(text: string): readonly string[] {
  return keywords.find(([pattern]) => pattern.test(text))?.[1] ?? []
}

/** Installs what is missing and gives the tools that are there; what cannot be installed is said and left out. */
export function openPeers(say: (text: string) => void, passes: number): Peer[] {
  installPeers(say)
  const peers: Peer[] = [{ name: "exifreader", read: (files) => readWithExifreader(files, passes) }]
  if (installPython(say)) peers.push({ name: "sd-parsers", read: readWithSdParsers })
  else say("sd-parsers is left out: it needs python3 with pip and the package index.")
  if (spawnSync("exiftool", ["-ver"]).status === 0) peers.push({ name: "exiftool", read: readWithExiftool })
  else say("exiftool is left out: it is not installed (apt-get install libimage-exiftool-perl).")
  return peers
}

function installPython(say: (text: string) => void): boolean {
  const stamp = join(python, ".installed-from")
  const wanted = readFileSync(join(folder, "requirements.txt"), "utf8")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return true
  say("installing sd-parsers (pip install into test/bench/peers)")
  mkdirSync(python, { recursive: true })
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]
  const run = spawnSync("python3", [...pip, "--target", python, "-r", join(folder, "requirements.txt")], {
    stdio: ["ignore", 2, 2],
  })
  if (run.status !== 0) return false
  writeFileSync(stamp, wanted)
  return true
}

function linesOf(command: string, args: readonly string[], files: readonly string[], env = {}): unknown[] {
  const run = spawnSync(command, args, {
    input: JSON.stringify(files),
    cwd: folder,
    env: { ...process.env, ...env },
    maxBuffer: 1 << 30,
    timeout: 600_000,
  })
  if (run.status !== 0) throw new Error(`${command} ended with ${run.status}:\n${run.stderr.toString().slice(-2000)}`)
  return run.stdout
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
}

function readWithExifreader(files: readonly string[], passes: number): PeerReading[] {
  const lines = linesOf(process.execPath, ["exifreader.mjs", String(passes)], files)
  return (lines as { file: string; ms: number; text: string }[]).map(({ file, ms, text }) => ({
    file,
    ms,
    names: namedBy(text),
  }))
}

function readWithSdParsers(files: readonly string[]): PeerReading[] {
  const lines = linesOf("python3", ["sd_parsers_reader.py"], files, { PYTHONPATH: python })
  return (lines as { file: string; ms: number; name: string | null }[]).map(({ file, ms, name }) => ({
    file,
    ms,
    names: name ? [name.toLowerCase()] : [],
  }))
}

/** One process for all files, from the page cache; its start is shared out among them. */
function readWithExiftool(files: readonly string[]): PeerReading[] {
  const started = performance.now()
  const run = spawnSync("exiftool", ["-j", "-a", "-u", "-G1", "-api", "LargeFileSupport=1", "-@", "-"], {
    input: files.join("\n"),
    maxBuffer: 1 << 30,
    timeout: 600_000,
  })
  const ms = (performance.now() - started) / files.length
  const said = new Map(
    (JSON.parse(run.stdout.toString()) as { SourceFile: string }[]).map((tags) => [
      tags.SourceFile,
      JSON.stringify(tags),
    ]),
  )
  return files.map((file) => ({ file, ms, names: namedBy((said.get(file) ?? "").replace(file, "")) }))
}
