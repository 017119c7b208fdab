import assert from "node:assert/strict"
import { createPublicKey } from "node:crypto"
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { publicKeyText, signCanonical, verifyCanonical } from "../../src/model/signature.ts"
import { createKeys, readKeys } from "../../src/sealing/key-files.ts"

async function keysFolder(t: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "watchline-keys-"))
  t.after(() => rm(parent, { recursive: true }))
  return join(parent, "keys")
}

const secrets = ["mandate.key", "list.key", "workspace.key"]

test("keys are made for their owner alone, public halves beside them, nothing else left behind", async (t) => {
  const dir = await keysFolder(t)
  assert.deepEqual((await createKeys(dir)).sort(), [
    "list.key",
    "list.pub",
    "mandate.key",
    "mandate.pub",
    "workspace.key",
  ])
  assert.deepEqual((await readdir(dir)).sort(), ["list.key", "list.pub", "mandate.key", "mandate.pub", "workspace.key"])
  assert.equal((await stat(dir)).mode & 0o777, 0o700)
  for (const name of secrets) assert.equal((await stat(join(dir, name))).mode & 0o777, 0o600, name)
  const keys = await readKeys(dir)
  assert.equal(keys.workspace.length, 32)
  assert.notEqual(publicKeyText(keys.mandate.publicKey), publicKeyText(keys.list.publicKey))
  const published = createPublicKey(await readFile(join(dir, "mandate.pub"), "utf8"))
  assert.equal(verifyCanonical({ a: 1 }, signCanonical({ a: 1 }, keys.mandate.privateKey), published), true)
})

test("keys that exist are never replaced, and an interrupted making is completed", async (t) => {
  const dir = await keysFolder(t)
  await createKeys(dir)
  const before = await Promise.all(secrets.map((name) => readFile(join(dir, name), "utf8")))
  await rm(join(dir, "list.pub"))
  assert.deepEqual(await createKeys(dir), ["list.pub"])
  assert.deepEqual(await Promise.all(secrets.map((name) => readFile(join(dir, name), "utf8"))), before)
  await readKeys(dir)
})

test("two processes that make keys at once end with one set", async (t) => {
  const dir = await keysFolder(t)
  const made = (await Promise.all([createKeys(dir), createKeys(dir), createKeys(dir)])).flat()
  assert.deepEqual(made.sort(), ["list.key", "list.pub", "mandate.key", "mandate.pub", "workspace.key"])
  const keys = await readKeys(dir)
  const published = createPublicKey(await readFile(join(dir, "list.pub"), "utf8"))
  assert.equal(publicKeyText(published), publicKeyText(keys.list.publicKey))
})

test("a key or folder that others can read is refused, with the command that mends it", async (t) => {
  const dir = await keysFolder(t)
  await createKeys(dir)
  for (const name of secrets) {
    for (const mode of [0o640, 0o604, 0o620]) {
      await chmod(join(dir, name), mode)
      await assert.rejects(readKeys(dir), (error: { code?: string; remedy?: string }) => {
        assert.equal(error.code, "config_invalid")
        assert.ok(error.remedy?.includes(`chmod 600 ${join(dir, name)}`))
        return true
      })
    }
    await chmod(join(dir, name), 0o600)
  }
  await chmod(dir, 0o750)
  await assert.rejects(
    readKeys(dir),
    (error: { remedy?: string }) => error.remedy?.includes(`chmod 700 ${dir}`) ?? false,
  )
})

test("a missing key says that the workspace lacks it, a damaged or linked one is not used", async (t) => {
  const dir = await keysFolder(t)
  await assert.rejects(readKeys(dir), { code: "workspace_missing" })
  await createKeys(dir)
  await rename(join(dir, "mandate.key"), join(dir, "aside"))
  await assert.rejects(readKeys(dir), { code: "workspace_missing" })
  await symlink(join(dir, "aside"), join(dir, "mandate.key"))
  await assert.rejects(readKeys(dir), { code: "workspace_missing" })
  await rename(join(dir, "aside"), join(dir, "mandate.key"))
  await writeFile(join(dir, "workspace.key"), "AAAA\n")
  await assert.rejects(readKeys(dir), { code: "config_invalid" })
})
