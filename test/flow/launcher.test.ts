import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"

const root = join(import.meta.dirname, "../..")

/** A fresh clone of a project that is as ours but needs no package, so that npm has nothing to fetch. */
function freshClone(t: TestContext, main = "console.log(JSON.stringify(process.argv.slice(2)))"): string {
  const clone = mkdtempSync(join(tmpdir(), "watchline-clone-"))
  t.after(() => rmSync(clone, { recursive: true, force: true }))
  mkdirSync(join(clone, "src", "cli"), { recursive: true })
  for (const name of readdirSync(join(root, "src")).filter((file) => /\.(mjs|json)$/.test(file)))
    copyFileSync(join(root, "src", name), join(clone, "src", name))
  writeFileSync(join(clone, "src/cli/main.ts"), main)
  const about = { name: "clone", version: "1.0.0" }
  writeFileSync(join(clone, "package.json"), JSON.stringify({ ...about, type: "module" }))
  writeFileSync(
    join(clone, "package-lock.json"),
    JSON.stringify({ ...about, lockfileVersion: 3, requires: true, packages: { "": about } }),
  )
  return clone
}

function launch(clone: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [join(clone, "src/launch.mjs"), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const out = { stdout: "", stderr: "" }
  child.stdout.setEncoding("utf8").on("data", (words: string) => (out.stdout += words))
  child.stderr.setEncoding("utf8").on("data", (words: string) => (out.stderr += words))
  const ended = once(child, "close").then(([code]) => ({ ...out, code: code as number | null }))
  return { child, ended }
}

const leftovers = (clone: string) => readdirSync(clone).filter((name) => name.startsWith(".installing"))

test("two launchers at once on a fresh clone install once; the next run installs nothing", async (t) => {
  const clone = freshClone(t)
  const both = await Promise.all([launch(clone, ["report", "--json"]).ended, launch(clone, ["list"]).ended])
  assert.deepEqual(
    both.map(({ code, stdout }) => [code, stdout.trim()]),
    [
      [0, '["report","--json"]'],
      [0, '["list"]'],
    ],
  )
  assert.equal(both.filter(({ stderr }) => stderr.includes("npm ci")).length, 1)
  assert.deepEqual(leftovers(clone), [])
  assert.equal((await launch(clone, ["report"]).ended).stderr, "")
})

test("an installation that is interrupted leaves what was there, and the next run repairs it", async (t) => {
  const clone = freshClone(t)
  mkdirSync(join(clone, "node_modules"))
  writeFileSync(join(clone, "node_modules/before"), "")
  mkdirSync(join(clone, ".installing-999999")) // of a launcher that was killed
  writeFileSync(join(clone, ".installing"), "999999")
  const { child, ended } = launch(clone, ["report"])
  await Promise.race([once(child.stderr, "data"), ended])
  child.kill("SIGINT")
  assert.equal((await ended).code, 130)
  assert.deepEqual(readdirSync(join(clone, "node_modules")), ["before"])
  assert.deepEqual(leftovers(clone), [])
  assert.equal((await launch(clone, ["report"]).ended).code, 0)
  assert.ok(!existsSync(join(clone, "node_modules/before")))
})

test("a signal to the launcher alone ends its command first; the command's exit code is the launcher's", async (t) => {
  const clone = freshClone(
    t,
    `process.on("SIGTERM", () => { console.log("ended"); process.exit(3) }); console.log("ready"); setInterval(() => {}, 1000)`,
  )
  const { child, ended } = launch(clone, ["crawl"])
  await Promise.race([once(child.stdout, "data"), ended])
  child.kill("SIGTERM")
  const { code, stdout } = await ended
  assert.equal(code, 3)
  assert.match(stdout, /ended\n$/)
})

test("without root the one command that installs a missing program is printed", {
  skip: process.getuid?.() !== 0,
}, async (t) => {
  const clone = freshClone(t)
  const nowhere = join(clone, "bin")
  mkdirSync(nowhere)
  writeFileSync(join(nowhere, "apt-get"), "#!/bin/sh\n", { mode: 0o755 })
  // the real folders of programs are left out by an own copy of the launcher, which looks nowhere else
  const launcher = join(clone, "src/launch.mjs")
  writeFileSync(
    launcher,
    readFileSync(launcher, "utf8").replace('"/usr/sbin", "/sbin"', `"${nowhere}"`).replace("process.getuid()", "1000"),
  )
  const { code, stderr } = await launch(clone, ["demo"], { PATH: nowhere }).ended
  assert.equal(code, 1)
  assert.match(
    stderr,
    /Run this once.*\n\n {2}sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends tor'\n/,
  )
  assert.ok(!existsSync(join(clone, "node_modules")))
})

test("the lock file names the packages of every platform: npm ci accepts it everywhere", () => {
  type Package = { version?: string; optionalDependencies?: Record<string, string> }
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, Package>
  }
  const missing: string[] = []
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      const places = path.split(/\/?node_modules\//).map((_, depth, parts) => {
        const above = parts.slice(1, depth + 1).map((part) => `node_modules/${part}/`)
        return `${above.join("")}node_modules/${name}`
      })
      if (!places.some((place) => place in packages)) missing.push(`${name} of ${path}`)
    }
  }
  assert.deepEqual(
    missing,
    [],
    "npm left out what the registry did not offer when the lock file was written: keep the entries of the version before",
  )
})
