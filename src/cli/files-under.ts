import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"

/**
 * A file itself; a folder's files with those of its folders, in the order of their names, one folder's names in memory at a time for each
 * level. Links to files count as files, links to folders are not followed. What can't be listed is yielded as it was named, so that
 * whoever opens it says why.
 */
export async function* filesUnder(path: string): AsyncGenerator<string> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false
  if (isFolder) yield* filesInFolder(path)
  else yield path
}

async function* filesInFolder(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined)
  if (!entries) {
    yield folder
    return
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesInFolder(path)
    else if (entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(path)))) yield path
  }
}

async function leadsToFile(link: string): Promise<boolean> {
  return (await stat(link).catch(() => undefined))?.isFile() ?? false
}
