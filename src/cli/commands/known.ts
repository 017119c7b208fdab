import { createReadStream } from "node:fs"
import { basename } from "node:path"
import { Command, InvalidArgumentError, Option } from "commander"
import { WatchlineError } from "../../errors.ts"
import { knownFormats, readKnownFile } from "../../known/formats.ts"
import { type HashAlgorithm, hashDigits, knownHashId } from "../../model/known-hash.ts"
import { type Instant, instant } from "../../model/record.ts"
import { rematch } from "../../stages/rematch.ts"
import { choice } from "../choice.ts"
import { action } from "../context.ts"
import { importCheckpoint, importKnown } from "../known-import.ts"
import { mark } from "../output.ts"

const shownProblems = 10

interface ImportOptions {
  readonly format: string
  readonly algorithm?: HashAlgorithm
  readonly source?: string
  readonly licence?: string
  readonly until?: Instant
  readonly rejected?: string
  readonly as?: string
}

export const knownCommand = () => {
  const known = new Command("known").description("hash sets of organisations: import, match, withdraw")

  known
    .command("import")
    .argument("<file>")
    .addOption(
      new Option("--format <name>", `form of the file: ${knownFormats.join(", ")}`)
        .argParser(choice(knownFormats))
        .default("csv"),
    )
    .addOption(
      new Option("--algorithm <name>", "of a bare column of hashes").argParser(choice(Object.keys(hashDigits))),
    )
    .option("--source <name>", "whose set it is; the file's name if left out")
    .option("--licence <text>", "under which agreement it may be used")
    .option("--until <date>", "from when on it matches nothing, where entries don't say it", day)
    .option("--rejected <file>", "every rejected line with its reason, never its value")
    .option("--as <person>", "who imports it")
    .description(
      "add a set or its update, and match what was collected before against it; broken lines are reported, the rest is imported; " +
        "an interrupted import goes on where it was",
    )
    .addHelpText("after", "\nExample:\n  $ watchline known import set.csv --format csv --source 'Gnome Office'")
    .action(
      action(async (context, file: string, options: ImportOptions) => {
        const system = await context.system()
        const source = options.source ?? basename(file)
        const importedAt = instant(system.clock())
        const checkpoint = importCheckpoint(system.home, file, options.format, source)
        await system.audit.append({
          actor: context.person(options.as),
          action: "known.import",
          subject: source,
          at: importedAt,
        })
        const summary = await importKnown({
          known: system.known,
          lines: readKnownFile(options.format, open(file), options.algorithm ? { algorithm: options.algorithm } : {}),
          terms: {
            source,
            importedAt,
            ...(options.licence === undefined ? {} : { licence: options.licence }),
            ...(options.until === undefined ? {} : { expiresAt: options.until }),
          },
          checkpoint,
          ...(options.rejected === undefined ? {} : { rejectedTo: options.rejected }),
        })
        const { imported, withdrawn, rejected, problems, resumedAfter } = summary
        const matched = await rematch(system)
        if (resumedAfter) context.output.say(`${mark.note} An interrupted import went on after line ${resumedAfter}.`)
        context.output.say(
          `${mark.good} ${imported} hashes of "${source}" imported, ${withdrawn} withdrawn; ${matched} collected images match known hashes.`,
        )
        if (rejected > 0) context.output.say(`${mark.note} ${rejected} entries were refused:`)
        for (const { line, problem } of problems.slice(0, shownProblems)) context.output.say(`  ${line}: ${problem}`)
        await context.output.data({ source, matched, ...summary })
        if (imported + withdrawn === 0 && rejected > 0) {
          throw new WatchlineError("input_invalid", {
            message: `Nothing in ${file} could be imported.`,
            remedy: "Check --format and --algorithm.",
          })
        }
      }),
    )

  known
    .command("match")
    .argument("<hash...>", "hexadecimal: MD5 (32 digits), SHA-1 (40), SHA-256 or PDQ (64), PhotoDNA (288)")
    .description(
      "what the sets say of a hash; 64 digits are tried as SHA-256 and as PDQ within 31 bits, also of the picture turned or mirrored",
    )
    .addHelpText("after", "\nExample:\n  $ watchline known match 0cc175b9c0f1b6a831c399e269772661 --jsonl")
    .action(
      action(async (context, hashes: string[]) => {
        const system = await context.system()
        const rows = []
        for (const hash of hashes) {
          const value = hash.toLowerCase()
          const matches = await system.known.match(queryOf(value))
          rows.push({
            hash: value,
            matches: matches.map(({ known: k, distance, turn }) => ({
              algorithm: k.algorithm,
              value: k.value,
              source: k.source,
              ...(k.category ? { category: k.category } : {}),
              ...(k.licence ? { licence: k.licence } : {}),
              ...(k.expiresAt ? { expiresAt: k.expiresAt } : {}),
              distance,
              ...(turn ? { turn } : {}),
            })),
          })
        }
        context.output.table(
          ["hash", "matches", "source", "category", "distance", "turned"],
          rows.flatMap((r) =>
            r.matches.length === 0
              ? [[r.hash, "none", "", "", "", ""]]
              : r.matches.map((m) => [
                  r.hash,
                  `${m.algorithm} ${m.value.slice(0, 12)}…`,
                  m.source,
                  m.category ?? "",
                  m.distance,
                  m.turn ?? "",
                ]),
          ),
        )
        if (context.output.mode === "jsonl") for (const row of rows) await context.output.data(row)
        else await context.output.data({ hashes: rows })
      }),
    )

  known
    .command("withdraw")
    .argument("<source>")
    .option("--entry <name...>", "only these entries, by the source's own names")
    .option("--hash <hex...>", "only these hashes")
    .option("--as <person>", "who withdraws it")
    .description("take a set or some of its entries out; they match nothing from then on")
    .addHelpText("after", "\nExample:\n  $ watchline known withdraw 'Gnome Office'")
    .action(
      action(async (context, source: string, options: { entry?: string[]; hash?: string[]; as?: string }) => {
        const system = await context.system()
        await system.audit.append({
          actor: context.person(options.as),
          action: "known.withdraw",
          subject: source,
          at: instant(system.clock()),
        })
        const ids = (options.hash ?? []).flatMap((hash) =>
          Object.entries(queryOf(hash.toLowerCase())).map(([algorithm, value]) =>
            knownHashId(algorithm as HashAlgorithm, value, source),
          ),
        )
        const withdrawn = await system.known.withdraw({
          source,
          ...(options.entry || options.hash ? { references: options.entry ?? [], ids } : {}),
        })
        if (withdrawn === 0) {
          throw new WatchlineError("not_found", {
            message: `No such hash is of a source "${source}".`,
            remedy:
              "Write the source as it was imported; `watchline known match` shows it. Entries that have names are withdrawn by these.",
          })
        }
        context.output.say(`${mark.good} ${withdrawn} hashes of "${source}" are withdrawn.`)
        await context.output.data({ source, withdrawn })
      }),
    )
  return known
}

function open(file: string): AsyncIterable<Uint8Array> {
  const stream = createReadStream(file)
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* stream as AsyncIterable<Uint8Array>
      } catch (cause) {
        throw new WatchlineError("input_invalid", { message: `${file} cannot be read.`, cause })
      }
    },
  }
}

function queryOf(value: string): Partial<Record<HashAlgorithm, string>> {
  if (/^[0-9a-f]+$/.test(value)) {
    if (value.length === hashDigits.md5) return { md5: value }
    if (value.length === hashDigits.sha1) return { sha1: value }
    if (value.length === hashDigits.sha256) return { sha256: value, pdq: value }
    if (value.length === hashDigits.photodna) return { photodna: value }
  }
  throw new WatchlineError("usage", {
    message: `"${value}" is no hash.`,
    remedy: "Write 32, 40, 64 or 288 hexadecimal digits.",
  })
}

function day(text: string): Instant {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new InvalidArgumentError("Write a date, e.g. 2027-06-30.")
  return instant(time)
}
