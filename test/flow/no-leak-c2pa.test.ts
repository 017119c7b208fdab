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

/** Nobody listens there; a look-up or a connection would show all the same. */
const host = "127.0.0.1:9"
const elsewhere = xmp(`xmlns:t="http://purl.org/dc/terms/" t:provenance="http://${host}/manifest.c2pa"/>`)

test("a file that names a remote manifest, a revocation service or a named host causes no packet", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "watchline-c2pa-"))
  t.after(() => rm(folder, { recursive: true }))
  const signer = makeSigner({ ocsp: `http://${host}/ocsp` })
  const actions = [created(tam, "GPT-4o")]
  const named = xmp(`xmlns:t="http://purl.org/dc/terms/" t:provenance="https://manifests.gnome.example/1"/>`)
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
