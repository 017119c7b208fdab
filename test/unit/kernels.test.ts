import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { binaryOf, compileKernel, kernelSources } from "../../src/kernels/compile-kernel.ts"

test("every kernel's binary is what its source compiles to", async () => {
  assert.ok(kernelSources.length >= 2)
  for (const source of kernelSources) {
    const binary = readFileSync(binaryOf(source))
    assert.ok(
      binary.equals(await compileKernel(source)),
      `${source}: run \`npm run build:kernel\` and commit the result`,
    )
  }
})
