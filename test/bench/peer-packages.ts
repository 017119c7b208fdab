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
