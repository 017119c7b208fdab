#!/usr/bin/env node
// The one door to everything: `npm run demo`, `npm test`, and the `watchline` command itself.
// Plain JavaScript that Node 18 understands. It installs what is missing, says what it does, and continues under the project's own Node 24.
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { constants as os } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const modules = join(root, "node_modules")
const bin = (name) => join(modules, ".bin", name)
const say = (text) => process.stderr.write(`watchline: ${text}\n`)

/** Ends the launcher with a sentence for people; the exit codes are those of src/errors.ts. */
class Failure extends Error {
  constructor(message, exit = 1) {
    super(message)
    this.exit = exit
  }
}

/** What a command needs from the system, and the Debian package of each program. */
const debianPackages = {
  tor: "tor",
  "tor-gencert": "tor",
  chromium: "chromium",
  strace: "strace",
  mvn: "maven",
  java: "default-jre-headless",
  exiftool: "libimage-exiftool-perl",
  pip3: "python3-pip",
}
const servers = ["mvn", "java"]
const neededPrograms = {
  demo: ["tor", "tor-gencert"],
  test: ["tor", "tor-gencert", "chromium", "strace", ...servers],
  bench: ["tor", "tor-gencert", ...servers],
  "bench provenance": ["exiftool", "pip3"],
  services: servers,
}
/** Debian keeps some programs where only root's PATH looks. */
const searchPath = [join(modules, ".bin"), process.env.PATH, "/usr/sbin", "/sbin"].filter(Boolean).join(":")

function found(program) {
  return searchPath.split(":").some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return statSync(join(folder, program)).isFile()
    } catch {
      return false
    }
  })
}

async function installPrograms(command, rest) {
  const withServers = command === "demo" && rest.some((word) => word.startsWith("--engines"))
  const own = neededPrograms[`${command} ${rest[0]}`] || neededPrograms[command] || []
  const needed = [...own, ...(withServers ? servers : [])]
  const missing = needed.filter((program) => !found(program))
  const packages = [...new Set(missing.map((program) => debianPackages[program]))]
  if (packages.length === 0) return
  const names = packages.join(" ")
  if (!found("apt-get"))
    throw new Failure(`${names} must be installed with this system's package manager; then run the command again.`)
  const install = `apt-get update && apt-get install -y --no-install-recommends ${names}`
  if (process.getuid() !== 0)
    throw new Failure(
      `${names} must be installed, which needs root. Run this once, then the command again:\n\n  sudo sh -c '${install}'\n`,
    )
  say(`installing ${names} (apt-get)`)
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  const code = await run(["sh", "-c", install], { env, stdio: ["ignore", 2, 2] })
  stopIfAsked()
  if (code !== 0) throw new Failure(`apt-get ended with ${code}. Run it yourself to see why:\n\n  ${install}\n`)
}

/**
 * npm packages as the lock file names them. They are installed in a folder of this process's own and moved into place when complete, so
 * that an interrupted installation leaves what was there before; a stamp says from which lock file they came.
 */
async function installPackages() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex")
  const stamp = ".installed-from"
  const installed = () => existsSync(join(modules, stamp)) && readFileSync(join(modules, stamp), "utf8") === wanted
  if (installed()) return
  const release = await takeTurn(installed)
  const own = join(root, `.installing-${process.pid}`)
  try {
    if (installed()) return
    say("installing npm packages (npm ci); this takes a minute the first time")
    for (const name of readdirSync(root)) if (/^\.installing-\d+$/.test(name)) removeIfIdle(join(root, name))
    mkdirSync(own)
    for (const name of ["package.json", "package-lock.json", ".npmrc"])
      if (existsSync(join(root, name))) copyFileSync(join(root, name), join(own, name))
    const code = await run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: own,
      stdio: ["ignore", 2, 2],
    })
    stopIfAsked()
    if (code !== 0)
      throw new Failure(`npm ci ended with ${code}; its lines above say why. The package registry must be reachable.`)
    mkdirSync(join(own, "node_modules"), { recursive: true })
    writeFileSync(join(own, "node_modules", stamp), wanted)
    if (existsSync(modules)) renameSync(modules, join(own, "before"))
    renameSync(join(own, "node_modules"), modules)
  } finally {
    rmSync(own, { recursive: true, force: true })
    release()
  }
}

/** What a killed launcher left. Its npm may still be writing there: then it stays until the next installation. */
function removeIfIdle(folder) {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    if (error.code !== "ENOTEMPTY") throw error
  }
}

/** One installation at a time in this folder: a second launcher waits. The file of a launcher that was killed is taken over. */
async function takeTurn(installed) {
  const file = join(root, ".installing")
  for (let told = false; ; told = true) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (error.code !== "EEXIST")
        throw new Failure(
          `${root} cannot be written to (${error.code}), and its npm packages must be installed. Run this command once as the folder's owner, or: cd ${root} && sudo node src/launch.mjs --version`,
        )
    }
    if (!holderLives(file)) rmSync(file, { force: true })
    else if (!told) say("waiting for another launcher that installs npm packages")
    await sleep(200)
    if (installed()) return () => {}
    stopIfAsked()
  }
}

function holderLives(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > 30 * 60_000) return false
    process.kill(Number(readFileSync(file, "utf8")) || 0x7fffffff, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}

/** The project's Node: this one if it is new enough, else the one that came as an npm package. */
function projectNode() {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath
  if (!existsSync(bin("node")))
    throw new Failure(
      `there is no Node 24 package for ${process.platform}-${process.arch}; install Node 24 and run the command with it.`,
    )
  return bin("node")
}

/** What a command runs, one after the other; and whether it runs in the repository's root or where the user stands. */
function stepsOf(command, rest) {
  const node = [projectNode(), "--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning"]
  switch (command) {
    case "test":
      return {
        cwd: root,
        // the servers once, before several tests want them at once
        steps: [
          [...node, "src/cli/main.ts", "services", "fetch"],
          [...node, "--test", "--test-concurrency=2", ...(rest.length > 0 ? rest : ["test/**/*.test.ts"])],
        ],
      }
    case "check":
      return {
        cwd: root,
        steps: [
          [bin("tsc"), "--noEmit"],
          [bin("tsc"), "--noEmit", "-p", "src/dashboard/web"],
          [bin("biome"), "check", "--error-on-warnings"],
          [...node, bin("knip")],
        ],
      }
    case "fuzz":
      return { cwd: root, steps: [[...node, "test/fuzz/main.ts", ...rest]] }
    case "bench":
      return { cwd: root, steps: [[...node, "test/bench/main.ts", ...rest]] }
    default: {
      const { flags, env } = command === "crawl" ? lean() : {}
      const step = [...node, ...(flags || []), join(root, "src/cli/main.ts"), ...process.argv.slice(2)]
      return { cwd: process.cwd(), env, steps: [step] }
    }
  }
}

/**
 * For a process that runs for weeks: heap and allocator keep little in reserve. Measured on a crawl of 800 pictures: 190 MiB at its peak
 * instead of 390, for a tenth more processor time. What malloc frees in large pieces, decoded pictures above all, goes back to the system
 * beyond 4 MB; the limit for mapped blocks stands beside it, since one without the other has every picture mapped and zeroed page by page:
 * 7.8 ms of processor time a picture instead of 6.1.
 */
function lean() {
  return JSON.parse(readFileSync(join(root, "src/lean-process.json"), "utf8"))
}

let asked
let child
function stopIfAsked() {
  if (asked) throw new Failure("stopped on request", 128 + os.signals[asked])
}
// A terminal's Ctrl-C reaches the child too; a signal to the launcher alone must reach it through us. We end when the child has.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    asked = signal
    if (child) child.kill(signal)
  })
}

/** Runs a program to its end: its exit code, or as a shell gives it for a signal. No core dumps: what was in memory must not reach a disk. */
async function run(words, options) {
  stopIfAsked()
  const code = await new Promise((resolve) => {
    child = spawn("/bin/sh", ["-c", 'ulimit -c 0; exec "$@"', "sh", ...words], options)
    child.on("error", (error) => {
      say(error.message)
      resolve(1)
    })
    child.on("exit", (exit, signal) => resolve(signal ? 128 + os.signals[signal] : exit))
  })
  child = undefined
  return code
}

async function main([command, ...rest]) {
  await installPrograms(command, rest)
  await installPackages()
  const { cwd, env: own, steps } = stepsOf(command, rest)
  const env = {
    ...own,
    ...process.env,
    PATH: searchPath,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || join(modules, ".cache", "compile"),
  }
  for (const step of steps) {
    const code = await run(step, { stdio: "inherit", env, cwd })
    if (code !== 0) return code
  }
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Failure)) throw error
  say(error.message)
  process.exitCode = error.exit
}
