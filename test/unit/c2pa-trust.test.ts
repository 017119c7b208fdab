import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { describeError } from "../../src/errors.ts"
import { readC2paTrust } from "../../src/wiring/c2pa-trust.ts"
import { makeSigner } from "../support/c2pa-signing.ts"

test("a trust list is the certificates of a PEM file; no path is no list; anything else is refused with its remedy", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "watchline-trust-"))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, "list.pem")
  const [one, other] = [makeSigner().anchor, makeSigner().anchor]
  await writeFile(file, `# authorities\n${one}\n# and another\n${other}`)
  assert.equal(readC2paTrust(""), "")
  assert.equal(readC2paTrust(file).match(/BEGIN CERTIFICATE/g)?.length, 2)
  assert.ok(!readC2paTrust(file).includes("#"))

  await writeFile(join(folder, "empty.pem"), "nothing here")
  await writeFile(join(folder, "broken.pem"), one.replace(/[A-Za-z0-9]{20}/, ""))
  for (const name of ["missing.pem", "empty.pem", "broken.pem"]) {
    assert.throws(
      () => readC2paTrust(join(folder, name)),
      (error) => describeError(error).code === "config_invalid" && describeError(error).remedy !== undefined,
    )
  }
})
