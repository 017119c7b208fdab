import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import type { Examination } from "../../src/model/fingerprint.ts"
import { created } from "../support/c2pa-bytes.ts"
import { makeSigner, signedFile } from "../support/c2pa-signing.ts"
import { jpeg, jpegJumbf, jpegXmp, png, pngChunk, pngInternational, tam, xmp } from "../support/image-bytes.ts"
import { observeNetwork } from "../support/network-observer.ts"

const script = fileURLToPath(new URL("../support/verify-script.ts", import.meta.url))

/** Nobody listens there; a look-up or a connection shows all the same. */
const host = "127.0.0.1:18089"
const elsewhere = xmp(`xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="http://${host}/manifest.c2pa"/>`)

test("a file that names a remote manifest, a revocation service or a named host causes no packet", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "watchline-c2pa-"))
  t.after(() => rm(folder, { recursive: true }))
  const signer = makeSigner({ ocsp: `http://${host}/ocsp` })
  const actions = [created(tam, "GPT-4o")]
  const named = xmp(
    `xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="https://manifests.gnome.example/1"/>`,
  )
  const files = {
    "remote.jpg": jpeg([jpegXmp(elsewhere)]),
    "remote.png": png({ before: [pngInternational("XML:com.adobe.xmp", named)] }),
    "revocation.png": signedFile({
      signer,
      actions,
      format: "image/png",
      embed: (store) => png({ before: [pngChunk("caBX", store)] }),
    }),
    "both.jpg": signedFile({
      signer,
      actions: [{ ...actions[0]!, parameters: { "com.gnome.see": `http://${host}/1` } }],
      format: "image/jpeg",
      embed: (store) => jpeg([jpegXmp(elsewhere), ...jpegJumbf(store, 60_000)]),
    }),
  }
  const paths = await Promise.all(
    Object.entries(files).map(async ([name, bytes]) => {
      await writeFile(join(folder, name), bytes)
      return join(folder, name)
    }),
  )
  const seen = await observeNetwork({
    command: [process.execPath, script, ...paths],
    env: { ...process.env, TRUST_LIST: signer.anchor },
    timeoutMs: 120_000,
  })
  assert.equal(seen.exitCode, 0, seen.stderr)
  const rows = JSON.parse(seen.stdout) as Pick<Examination, "c2pa" | "facts" | "signals">[]
  assert.deepEqual(
    rows.map(({ facts, c2pa }) => [facts, c2pa?.bindingOk, c2pa?.chainTrusted]),
    [
      [["c2pa-elsewhere"], undefined, undefined],
      [["c2pa-elsewhere"], undefined, undefined],
      [["c2pa"], true, true],
      [["c2pa"], true, true],
    ],
  )
  assert.deepEqual(seen.contacts, [])
})

test("the library left to itself asks the host that a file names: what the test above would see", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "watchline-c2pa-"))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, "remote.jpg")
  await writeFile(file, jpeg([jpegXmp(elsewhere)]))
  const code = `
    import { readFileSync } from "node:fs"
    import { initSync, WasmReader } from "@contentauth/c2pa-wasm"
    const wasm = new URL(import.meta.resolve("@contentauth/c2pa-wasm/c2pa.wasm"))
    initSync({ module: new WebAssembly.Module(readFileSync(wasm)) })
    await WasmReader.fromBytes("image/jpeg", readFileSync(process.argv[1]), "{}").catch(() => {})
  `
  const seen = await observeNetwork({
    command: [process.execPath, "--input-type=module", "-e", code, file],
    timeoutMs: 60_000,
  })
  assert.equal(seen.exitCode, 0, seen.stderr)
  assert.ok(seen.contacts.some(({ peer }) => peer === host))
})
