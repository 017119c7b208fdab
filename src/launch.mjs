#!/usr/bin/env node
// The one door to everything: `npm run demo`, `npm test`, and the `watchline` command itself.
// Plain JavaScript that Node 18 understands. It installs what is missing, says what it does, and continues under the project's own Node 24.
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const say = (text) => process.stderr.write(`watchline: ${text}\n`)

/** What a command needs from the system: program -> Debian package. */
const programs = { tor: "tor", chromium: "chromium", strace: "strace", "tor-gencert": "tor" }
const needs = {
  demo: ["tor", "tor-gencert"],
  test: ["tor", "tor-gencert", "chromium", "strace"],
  bench: ["tor", "tor-gencert"],
}

function found(program) {
  const folders = [...(process.env.PATH || "").split(":"), "/usr/sbin", "/sbin"]
  return folders.some((folder) => folder && existsSync(join(folder, program)))
}

function fail(text) {
  say(text)
  process.exit(1)
}

/** Debian packages of the programs that a command needs and the machine lacks. */
function installPrograms(command) {
  const missing = (needs[command] || []).filter((program) => !found(program))
  const packages = [...new Set(missing.map((program) => programs[program]))]
  if (packages.length === 0) return
  const install = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`
  if (!found("apt-get")) fail(`please install ${packages.join(", ")} with this system's package manager, then run the command again.`)
  if (process.getuid() !== 0) fail(`${packages.join(", ")} must be installed. Run this once, then the command again:\n  sudo sh -c '${install}'`)
  say(`installing ${packages.join(", ")} (apt-get)`)
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  const run = spawnSync("sh", ["-c", `${install} >&2`], { stdio: ["ignore", "inherit", "inherit"], env })
  if (run.status !== 0) fail(`apt-get failed. Run it yourself to see why:\n  ${install}`)
}

/** npm packages as the lock file names them; a stamp says which lock file they were installed from. */
function installPackages() {
  const modules = join(root, "node_modules")
  const stamp = join(modules, ".installed-from")
  const wanted = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return
  say("installing npm packages (npm ci); this takes a minute the first time")
  const run = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] })
  if (run.status !== 0) fail(`npm ci failed in ${root}. Run it yourself to see why; the registry must be reachable.`)
  mkdirSync(modules, { recursive: true })
  writeFileSync(stamp, wanted)
}

/** The project's Node: this one if it is new enough, else the one that came as an npm package. */
function projectNode() {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath
  const own = join(root, "node_modules", ".bin", "node")
  if (!existsSync(own)) fail(`there is no Node 24 package for ${process.platform}-${process.arch}; install Node 24 and run the command with it.`)
  return own
}

const flags = ["--disable-warning=ExperimentalWarning"]
const bin = (name) => join(root, "node_modules", ".bin", name)

function steps(command, rest) {
  const node = projectNode()
  switch (command) {
    case "test": {
      const files = rest.length > 0 ? rest : ["test/**/*.test.ts"]
      return [[node, ...flags, "--test", "--test-concurrency=2", ...files]]
    }
    case "check":
      return [
        [bin("tsc"), "--noEmit"],
        [bin("tsc"), "--noEmit", "-p", "src/dashboard/web"],
        [bin("biome"), "check", "--error-on-warnings"],
        [node, ...flags, bin("knip")],
      ]
    case "bench":
      return [[node, ...flags, "test/bench/main.ts", ...rest]]
    default:
      return [[node, ...flags, join(root, "src/cli/main.ts"), command, ...rest].filter((part) => part !== undefined)]
  }
}

/** Runs one step to its end. No core dumps: what was in memory must not reach a disk. */
function runStep(step, inRoot) {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}:/usr/sbin:/sbin` }
    const child = spawn("/bin/sh", ["-c", 'ulimit -c 0; exec "$@"', "sh", ...step], { stdio: "inherit", env, cwd: inRoot ? root : undefined })
    const pass = (signal) => child.kill(signal)
    process.on("SIGINT", pass)
    process.on("SIGTERM", pass)
    process.on("SIGHUP", pass)
    child.on("error", (error) => {
      say(error.message)
      resolve(1)
    })
    child.on("exit", (code, signal) => {
      for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(name, pass)
      resolve(signal ? 1 : code)
    })
  })
}

const [command, ...rest] = process.argv.slice(2)
installPackages()
installPrograms(command)
let code = 0
for (const step of steps(command, rest)) {
  code = await runStep(step, ["test", "check", "bench"].includes(command))
  if (code !== 0) break
}
process.exitCode = code
