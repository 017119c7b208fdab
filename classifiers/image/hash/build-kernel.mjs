// `npm run build:kernel`: compiles pdq-kernel.as.ts to pdq-kernel.wasm beside it.
import { readFileSync, writeFileSync } from "node:fs"
import asc from "assemblyscript/asc"

const name = "pdq-kernel"

/** Editors, linters and parsers refuse the compiler's decorator before a function, so the source has it as a comment. */
function source() {
  return readFileSync(new URL(`${name}.as.ts`, import.meta.url), "utf8").replaceAll(/^\/\/ @inline$/gm, "@inline")
}

/** The kernel's binary; the same bytes for the same source and compiler. */
export async function compileKernel() {
  let binary
  const { error, stderr } = await asc.main(
    [
      `${name}.as.ts`,
      "--outFile",
      `${name}.wasm`,
      "-O3",
      "--converge",
      "--noAssert",
      "--enable",
      "simd",
      "--initialMemory",
      "1",
      "--runtime",
      "stub",
    ],
    {
      readFile: (file) => (file === `${name}.as.ts` ? source() : null),
      writeFile: (file, contents) => {
        if (file === `${name}.wasm`) binary = contents
      },
      listFiles: () => [],
    },
  )
  if (error || !binary) throw new Error(`The kernel does not compile: ${stderr.toString()}`, { cause: error })
  return binary
}

if (import.meta.main ?? process.argv[1]?.endsWith("build-kernel.mjs")) {
  writeFileSync(new URL(`${name}.wasm`, import.meta.url), await compileKernel())
}
