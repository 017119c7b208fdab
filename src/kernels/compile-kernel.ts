// `npm run build:kernel`: compiles every *.as.ts of the product to the *.wasm beside it.
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import asc from "assemblyscript/asc"

const root = join(import.meta.dirname, "../..")
const options = ["-O3", "--converge", "--noAssert", "--enable", "simd", "--initialMemory", "1", "--runtime", "stub"]

/** Sources of kernels, relative to the repository. */
export const kernelSources: readonly string[] = globSync("{src,classifiers}/**/*.as.ts", { cwd: root }).sort()

export const binaryOf = (source: string): string => join(root, source.replace(/\.as\.ts$/, ".wasm"))

/** A kernel's binary: the same bytes for the same source and compiler. */
export async function compileKernel(source: string): Promise<Uint8Array> {
  const name = basename(source)
  let binary: Uint8Array | undefined
  const { error, stderr } = await asc.main([name, "--outFile", "kernel.wasm", ...options], {
    // Parsers and linters of TypeScript refuse the compiler's decorator before a function, so sources have it as a comment.
    readFile: (file) =>
      file === name ? readFileSync(join(root, source), "utf8").replaceAll(/^\/\/ @inline$/gm, "@inline") : null,
    writeFile: (file, contents) => {
      if (file === "kernel.wasm" && typeof contents !== "string") binary = contents
    },
    listFiles: () => [],
  })
  if (error || !binary) throw new Error(`${source} does not compile: ${stderr.toString()}`, { cause: error })
  return binary
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const source of kernelSources) writeFileSync(binaryOf(source), await compileKernel(source))
}
