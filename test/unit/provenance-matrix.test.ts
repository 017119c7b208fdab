import assert from "node:assert/strict"
import { test } from "node:test"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { readSignals } from "../../classifiers/image/provenance/read-signals.ts"
import { provenanceVectors, secret } from "../support/provenance-vectors.ts"

for (const { family, strength, format, place, bytes } of provenanceVectors) {
  test(`${family} in ${format} (${place}) is recognised, graded ${strength}, and gives no prompt away`, () => {
    const metadata = readMetadata(bytes)
    const signals = readSignals(metadata)
    assert.equal(metadata.format, format)
    assert.ok(
      signals.some((signal) => signal.family === family && signal.strength === strength),
      JSON.stringify(signals),
    )
    assert.ok(!JSON.stringify(signals).includes(secret.split(" ")[1]!))
  })
}
