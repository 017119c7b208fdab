import { createReadStream } from "node:fs"
import { basename } from "node:path"
import { Command, Option } from "commander"
import { WatchlineError } from "../../errors.ts"
import { knownFormats, readKnownFile } from "../../known/formats.ts"
import { type HashAlgorithm, hashDigits, type KnownHash, knownHashId } from "../../model/known-hash.ts"
import { instant } from "../../model/record.ts"
import { rematch } from "../../stages/rematch.ts"
import { choice } from "../choice.ts"
import { action } from "../context.ts"
import { mark } from "../output.ts"

const storedAtOnce = 1000
const shownProblems = 10

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
    .option("--as <person>", "who imports it")
    .description(
      "add a set, and match what was collected before against it; broken lines are reported, the rest is imported",
    )
    .addHelpText("after", "\nExample:\n  $ watchline known import set.csv --format csv --source 'Gnome Office'")
    .action(
      action(
        async (
          context,
          file: string,
          options: { format: string; algorithm?: HashAlgorithm; source?: string; as?: string },
        ) => {
          const system = await context.system()
          const source = options.source ?? basename(file)
          const importedAt = instant(system.clock())
          await system.audit.append({
            actor: context.person(options.as),
            action: "known.import",
            subject: source,
            at: importedAt,
          })
          const problems: { line: number; problem: string }[] = []
          let batch: KnownHash[] = []
          let imported = 0
          const store = async () => {
            await system.known.add(batch)
            imported += batch.length
            batch = []
          }
          const reader = readKnownFile(
            options.format,
            open(file),
            options.algorithm ? { algorithm: options.algorithm } : {},
          )
          for await (const line of reader) {
            if ("problem" in line) {
              problems.push(line)
              continue
            }
            const { algorithm, value } = line.hash
            batch.push({ id: knownHashId(algorithm, value, source), ...line.hash, source, importedAt })
            if (batch.length === storedAtOnce) await store()
          }
          await store()
          const matched = await rematch(system)
          context.output.say(
            `${mark.good} ${imported} hashes of "${source}" imported; ${matched} collected images match known hashes.`,
          )
          if (problems.length > 0) context.output.say(`${mark.note} ${problems.length} entries were refused:`)
          for (const { line, problem } of problems.slice(0, shownProblems)) context.output.say(`  ${line}: ${problem}`)
          await context.output.data({
            source,
            imported,
            matched,
            rejected: problems.length,
            problems: problems.slice(0, 1000),
          })
          if (imported === 0 && problems.length > 0) {
            throw new WatchlineError("input_invalid", {
              message: `Nothing in ${file} could be imported.`,
              remedy: "Check --format and --algorithm.",
            })
          }
        },
      ),
    )

  known
    .command("match")
    .argument("<hash...>", "hexadecimal: MD5 (32 digits), SHA-1 (40), SHA-256 or PDQ (64)")
    .description("what the sets say of a hash; 64 digits are tried as SHA-256 and as PDQ within 31 bits")
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
            matches: matches.map(({ known: k, distance }) => ({
              algorithm: k.algorithm,
              value: k.value,
              source: k.source,
              ...(k.category ? { category: k.category } : {}),
              distance,
            })),
          })
        }
        context.output.table(
          ["hash", "matches", "source", "category", "distance"],
          rows.flatMap((r) =>
            r.matches.length === 0
              ? [[r.hash, "none", "", "", ""]]
              : r.matches.map((m) => [
                  r.hash,
                  `${m.algorithm} ${m.value.slice(0, 12)}…`,
                  m.source,
                  m.category ?? "",
                  m.distance,
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
    .option("--as <person>", "who withdraws it")
    .description("take a whole set out; it matches nothing from then on")
    .addHelpText("after", "\nExample:\n  $ watchline known withdraw 'Gnome Office'")
    .action(
      action(async (context, source: string, options: { as?: string }) => {
        const system = await context.system()
        await system.audit.append({
          actor: context.person(options.as),
          action: "known.withdraw",
          subject: source,
          at: instant(system.clock()),
        })
        const withdrawn = await system.known.withdraw(source)
        if (withdrawn === 0) {
          throw new WatchlineError("not_found", {
            message: `No imported hash is of a source "${source}".`,
            remedy: "Write the source as it was imported; `watchline known match` shows it.",
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
  }
  throw new WatchlineError("usage", {
    message: `"${value}" is no hash.`,
    remedy: "Write 32, 40 or 64 hexadecimal digits.",
  })
}
