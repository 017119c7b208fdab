// `npm run build:kernel`: compiles pdq-kernel.as.ts to pdq-kernel.wasm beside it.
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import asc from "assemblyscript/asc"

const sourceName = "pdq-kernel.as.ts"
const binaryName = "pdq-kernel.wasm"
const options = ["-O3", "--converge", "--noAssert", "--enable", "simd", "--initialMemory", "1", "--runtime", "stub"]

/** Parsers and linters of TypeScript refuse the compiler's decorator before a function, so the source has it as a comment. */
function source(): string {
  return readFileSync(new URL(sourceName, import.meta.url), "utf8").replaceAll(/^\/\/ @inline$/gm, "@inline")
}

/** The kernel's binary: the same bytes for the same source and compiler. */
export async function compileKernel(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined
  const { error, stderr } = await asc.main([sourceName, "--outFile", binaryName, ...options], {
    readFile: (file) => (file === sourceName ? source() : null),
    writeFile: (file, contents) => {
      if (file === binaryName && typeof contents !== "string") binary = contents
    },
    listFiles: () => [],
  })
  if (error || !binary) throw new Error(`The kernel does not compile: ${stderr.toString()}`, { cause: error })
  return binary
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL(binaryName, import.meta.url), await compileKernel())
}
