import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const folder = join(import.meta.dirname, "peers")

/** Installs what Watchline is measured against, as the peers' own lock file names it. The product never depends on it. */
export function installPeers(say: (text: string) => void): string {
  const stamp = join(folder, "node_modules", ".installed-from")
  const wanted = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return folder
  say("installing the peers' npm packages (npm ci in test/bench/peers)")
  const run = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  })
  if (run.status !== 0) throw new Error(`npm ci failed in ${folder}; the registry must be reachable.`)
  writeFileSync(stamp, wanted)
  return folder
}

/** The same for Python: a virtual environment of its own, which git ignores. Returns its interpreter. */
export function installPythonPeers(say: (text: string) => void): string {
  const place = join(folder, "node_modules", ".python")
  const interpreter = join(place, "bin", "python")
  const stamp = join(place, ".installed-from")
  const wanted = readFileSync(join(folder, "requirements.txt"), "utf8")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return interpreter
  say("installing the Python peers (pip install in a virtual environment)")
  for (const [program, ...words] of [
    ["python3", "-m", "venv", "--clear", place],
    [interpreter, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "-r", join(folder, "requirements.txt")],
  ] as const) {
    const run = spawnSync(program, words, { stdio: ["ignore", 2, 2] })
    if (run.status !== 0)
      throw new Error(`${program} ${words.join(" ")} failed; python3 with venv and the package index are needed.`)
  }
  writeFileSync(stamp, wanted)
  return interpreter
}
