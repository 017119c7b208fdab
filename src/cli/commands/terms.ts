import { readFile } from "node:fs/promises"
import { text } from "node:stream/consumers"
import { Command } from "commander"
import { WatchlineError } from "../../errors.ts"
import { instant } from "../../model/record.ts"
import { action } from "../context.ts"
import { mark } from "../output.ts"

export const termsCommand = () => {
  const terms = new Command("terms").description(
    "the organisation's own words to look for in posts; encrypted at rest, named in findings by id only",
  )

  terms
    .command("import")
    .argument("<file>", "one term a line, UTF-8; - reads standard input")
    .option("--as <person>", "who imports them")
    .description("add terms; empty lines and lines that start with # are passed over")
    .addHelpText("after", "\nExample:\n  $ watchline terms import words.txt && shred -u words.txt")
    .action(
      action(async (context, file: string, options: { as?: string }) => {
        const system = await context.system()
        const lines = (await readLines(file)).filter((line) => line.trim() !== "" && !line.startsWith("#"))
        await system.audit.append({
          actor: context.person(options.as),
          action: "terms.import",
          count: lines.length,
          at: instant(system.clock()),
        })
        const added = await system.terms.add(lines)
        context.output.say(
          `${mark.good} ${added} terms are new; ${lines.length - added} were there already or too short.`,
        )
        if (added > 0) context.output.say("  Posts that were judged before are not read again.")
        await context.output.data({ lines: lines.length, added })
      }),
    )

  terms
    .command("list")
    .option("--open <reason>", "show the words too; the reason is written to the audit log")
    .option("--as <person>", "who opens them")
    .description("the ids of all terms")
    .action(
      action(async (context, options: { open?: string; as?: string }) => {
        const system = await context.system()
        const all = await system.terms.read()
        if (options.open !== undefined) {
          if (options.open.trim().length < 3) throw new WatchlineError("reason_required")
          await system.audit.append({
            actor: context.person(options.as),
            action: "terms.open",
            reason: options.open.trim(),
            count: all.length,
            at: instant(system.clock()),
          })
        }
        const rows = all.map(({ id, text }) => (options.open === undefined ? { id } : { id, text }))
        context.output.table(
          options.open === undefined ? ["id"] : ["id", "term"],
          rows.map((row) => Object.values(row)),
          "No terms yet: `watchline terms import FILE`.",
        )
        if (context.output.mode === "jsonl") for (const row of rows) await context.output.data(row)
        else await context.output.data({ terms: rows })
      }),
    )

  terms
    .command("remove")
    .argument("<id...>", "ids as `terms list` shows them")
    .option("--as <person>", "who removes them")
    .description("take terms out")
    .action(
      action(async (context, ids: string[], options: { as?: string }) => {
        const system = await context.system()
        await system.audit.append({
          actor: context.person(options.as),
          action: "terms.remove",
          count: ids.length,
          at: instant(system.clock()),
        })
        await system.terms.remove(ids)
        context.output.say(`${mark.good} ${ids.length} terms are removed.`)
        await context.output.data({ removed: ids.length })
      }),
    )
  return terms
}

async function readLines(file: string): Promise<string[]> {
  try {
    const content = await (file === "-" ? text(process.stdin) : readFile(file, "utf8"))
    return content.replace(/^\ufeff/, "").split(/\r?\n/)
  } catch (cause) {
    throw new WatchlineError("input_invalid", { message: `${file} cannot be read.`, cause })
  }
}
