import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const folder = join(import.meta.dirname, "peers")

/**
 * A Python environment of its own with what `NAME-requirements.txt` pins, made once and again when that file changes.
 *
 * @returns the interpreter
 */
export function installPythonPeers(name: string, say: (text: string) => void): string {
  const requirements = join(folder, `${name}-requirements.txt`)
  const venv = join(folder, `venv-${name}`)
  const python = join(venv, "bin", "python")
  const stamp = join(venv, ".installed-from")
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return python
  say(`installing the Python packages of ${name}-requirements.txt into test/bench/peers/venv-${name}`)
  rmSync(venv, { recursive: true, force: true })
  run("python3", ["-m", "venv", venv], "Python 3 with its venv module must be installed.")
  run(
    python,
    ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements],
    "The registry must be reachable.",
  )
  writeFileSync(stamp, wanted)
  return python
}

function run(program: string, args: readonly string[], remedy: string): void {
  const { status, error } = spawnSync(program, args, { stdio: ["ignore", 2, 2] })
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 2).join(" ")} failed. ${remedy}`, { cause: error })
}
