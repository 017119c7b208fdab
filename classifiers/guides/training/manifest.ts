import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"

export type Label = "guide" | "other"

/** A table whose rows are texts. */
interface TableForm {
  readonly separator: string
  /** Columns that make the text, in this order. */
  readonly columns: readonly string[]
  /** Only rows with these values. */
  readonly where?: Readonly<Record<string, string>>
}

/** Which files of a repository are what. */
export interface Source {
  readonly repository: string
  readonly label: Label
  readonly kind: string
  /** Pattern of paths. */
  readonly include: string
  readonly most: number
  readonly table?: TableForm
  /** Taken as so many passages instead of as a whole: for files that are collections. */
  readonly passages?: number
}

export interface ManifestEntry {
  readonly repository: string
  readonly commit: string
  readonly path: string
  readonly blob: string
  readonly label: Label
  readonly kind: string
  readonly table?: TableForm & { readonly most: number }
  readonly passages?: number
}

/** A public issue thread, of which the opening part was read; no repository holds it, so its digest says what was meant. */
export interface ThreadEntry {
  readonly repository: string
  readonly issue: number
  readonly sha256: string
}

export interface Manifest {
  readonly files: readonly ManifestEntry[]
  readonly threads: readonly ThreadEntry[]
}

/** The bare clone of a repository: `DIR/owner+name` or `DIR/owner+name/repo`. */
export function repositoryFolder(clones: string, repository: string): string {
  const name = join(clones, repository.replace("/", "+"))
  for (const folder of [join(name, "repo"), name]) if (existsSync(join(folder, "HEAD"))) return folder
  throw new Error(`${name} is not there. Run: git clone --bare https://github.com/${repository} ${name}`)
}

export function git(folder: string, ...args: string[]): Buffer {
  return execFileSync("git", [`--git-dir=${folder}`, ...args], { maxBuffer: 1 << 28 })
}
