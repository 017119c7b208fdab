import { globSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { parseSync } from "oxc-parser"

/** One import as written: the file that imports, and the file of ours or the package that is imported. */
export interface SourceImport {
  readonly from: string
  readonly to: string
  readonly isPackage: boolean
}

const root = join(import.meta.dirname, "../..")

/** Source files of the product, relative to the repository, without tests. */
export function sourceFiles(): string[] {
  return ["src", "crawlers", "classifiers"].flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root })).sort()
}

/** Every import of a file, those of types included: what a type couples is coupled. */
export function importsOf(file: string): SourceImport[] {
  const { module, errors } = parseSync(file, readFileSync(join(root, file), "utf8"))
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  const source = readFileSync(join(root, file), "utf8")
  const specifiers = [
    ...module.staticImports.map((i) => i.moduleRequest.value),
    ...module.staticExports.flatMap((e) =>
      e.entries.flatMap((entry) => (entry.moduleRequest ? [entry.moduleRequest.value] : [])),
    ),
    ...module.dynamicImports.map((i) =>
      source.slice(i.moduleRequest.start, i.moduleRequest.end).replaceAll(/^["'`]|["'`]$/g, ""),
    ),
    ...[...source.matchAll(/\bimport\("([^"]+)"\)/g)].map((m) => m[1]!),
  ]
  return [...new Set(specifiers)].map((specifier) =>
    specifier.startsWith(".")
      ? { from: file, to: normalize(join(dirname(file), specifier)), isPackage: false }
      : { from: file, to: packageName(specifier), isPackage: true },
  )
}

function packageName(specifier: string): string {
  if (specifier.startsWith("node:") || specifier.startsWith("/")) return specifier
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
}
