import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { git, type ManifestEntry, repositoryFolder, type Source, type ThreadEntry } from "./manifest.ts"

/**
 * Says what goes where: turns `sources.json` (which files of which repository are what) into `manifest.json` (commit, path and blob of each),
 * from bare clones. Which files are taken where there are more than `most` follows from their blob ids, so anybody gets the same.
 *
 *   node classifiers/guides/training/write-manifest.ts --clones DIR
 *
 * Issue threads are no files of a repository: `DIR/threads.txt` holds their opening contributions as they were read, each after a line
 * `=== owner/name#number`.
 */
const clones = process.argv[process.argv.indexOf("--clones") + 1]!
const here = import.meta.dirname
const sources = JSON.parse(readFileSync(join(here, "sources.json"), "utf8")) as Source[]
const files: ManifestEntry[] = []
const taken = new Set<string>()
for (const source of sources) {
  const folder = repositoryFolder(clones, source.repository)
  const commit = git(folder, "rev-parse", "HEAD").toString().trim()
  const include = new RegExp(source.include, "u")
  const listed = git(folder, "-c", "core.quotepath=off", "ls-tree", "-r", "-z", "HEAD").toString("utf8").split("\0")
  const matching = listed
    .map((line) => /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line))
    .flatMap((match) => (match && include.test(match[2]!) ? [{ blob: match[1]!, path: match[2]! }] : []))
    .filter(({ blob }, place, all) => !taken.has(blob) && all.findIndex((other) => other.blob === blob) === place)
    .sort((a, b) => (a.blob < b.blob ? -1 : 1))
  const chosen = matching.slice(0, source.table ? 1 : source.most)
  if (chosen.length === 0) process.stderr.write(`nothing in ${source.repository} matches ${source.include}\n`)
  for (const { blob, path } of chosen) {
    taken.add(blob)
    const { repository, label, kind, table, passages } = source
    files.push({
      repository, commit, path, blob, label, kind,
      ...(table ? { table: { ...table, most: source.most } } : {}),
      ...(passages ? { passages } : {}),
    }) // biome-ignore format: a record
  }
}
const threads: ThreadEntry[] = readFileSync(join(clones, "threads.txt"), "utf8")
  .split(/^=== /m)
  .slice(1)
  .map((part) => {
    const [head, ...rest] = part.split("\n")
    const [repository, issue] = head!.split("#")
    const text = rest.join("\n").trim()
    return { repository: repository!, issue: Number(issue), sha256: createHash("sha256").update(text).digest("hex") }
  })
const lines = (records: readonly object[]) => records.map((record) => `    ${JSON.stringify(record)}`).join(",\n")
writeFileSync(
  join(here, "manifest.json"),
  `{\n  "files": [\n${lines(files)}\n  ],\n  "threads": [\n${lines(threads)}\n  ]\n}\n`,
)
process.stdout.write(
  `${files.length} files of ${new Set(files.map((f) => f.repository)).size} repositories, ${threads.length} threads\n`,
)
