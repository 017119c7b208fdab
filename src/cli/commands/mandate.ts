import { readFileSync } from "node:fs"
import { Command, InvalidArgumentError } from "commander"
import { WatchlineError } from "../../errors.ts"
import { type Collectable, collectables, type Mandate } from "../../model/mandate.ts"
import { instant } from "../../model/record.ts"
import { action } from "../context.ts"
import { mark } from "../output.ts"

interface DraftOptions {
  host: string[]
  basis: string
  reference: string
  until: string
  from?: string
  collect: Collectable[]
  body?: string
  retention: number
  ignoreRobots: boolean
}

export const mandateCommand = () => {
  const mandate = new Command("mandate").description("the written authority for a crawl: draft, sign, list")

  mandate
    .command("draft")
    .description("a mandate on standard output, to be read, completed and signed")
    .requiredOption("--host <host...>", "hosts in scope, exactly")
    .requiredOption("--basis <text>", "legal basis")
    .requiredOption("--reference <text>", "reference of the written order")
    .requiredOption("--until <date>", "expiry, e.g. 2027-06-30 (end of that day, UTC) or a full ISO time", endOf)
    .option("--from <date>", "start; now if left out", startOf)
    .option("--collect <kinds>", `of ${collectables.join(",")}`, kinds, ["posts", "text", "fingerprints"])
    .option("--body <name>", "issuing body; the organisation's name if left out")
    .option("--retention <days>", "days after which sealed text becomes unreadable", days, 90)
    .option("--ignore-robots", "the order says that robots.txt does not bind this crawl", false)
    .addHelpText(
      "after",
      "\nExample:\n  $ watchline mandate draft --host abc…xyz.onion --basis '§ 1 Gnome Act' --reference 2026/17 --until 2027-06-30 > mandate.json\n  $ watchline mandate sign mandate.json",
    )
    .action(
      action(async (context, options: DraftOptions) => {
        const draft: Mandate = {
          issuingBody: options.body ?? (await context.system()).config.organisation.name,
          legalBasis: options.basis,
          reference: options.reference,
          hosts: [...new Set(options.host.flatMap((h) => h.split(",")).map(hostOnly))],
          collect: options.collect,
          retentionDays: options.retention,
          start: options.from ?? instant(Math.floor(Date.now() / 1000) * 1000),
          expiry: options.until,
          robots: options.ignoreRobots ? "ignore" : "honour",
        }
        process.stdout.write(`${JSON.stringify(draft, null, 2)}\n`)
      }),
    )

  mandate
    .command("sign")
    .argument("<file>", "the mandate as JSON; - for standard input")
    .description("sign a mandate with the organisation's key and register it")
    .option("--as <person>", "who signs")
    .addHelpText("after", "\nExample:\n  $ watchline mandate sign mandate.json --as kim")
    .action(
      action(async (context, file: string, options: { as?: string }) => {
        const system = await context.system()
        const { id, mandate: signed } = await system.signMandate(readJson(file), context.person(options.as))
        context.output.say(`${mark.good} Mandate ${id.slice(0, 12)} (${signed.reference}) is signed and registered.`)
        context.output.say(
          `  hosts ${signed.hosts.join(", ")}; ${signed.start.slice(0, 10)} to ${signed.expiry.slice(0, 10)}`,
        )
        await context.output.data({ id, ...signed })
      }),
    )

  mandate
    .command("list")
    .description("the registered mandates")
    .addHelpText("after", "\nExample:\n  $ watchline mandate list")
    .action(
      action(async (context) => {
        const system = await context.system()
        const rows = []
        for (const { id, signed } of await system.mandates.list()) {
          rows.push({ id, ...signed.mandate, state: await system.mandateState(id) })
        }
        context.output.table(
          ["mandate", "reference", "state", "until", "collects", "hosts"],
          rows.map((m) => [
            m.id.slice(0, 12),
            m.reference,
            m.state,
            m.expiry.slice(0, 10),
            m.collect.join(","),
            m.hosts.join(" "),
          ]),
          "No mandate is registered.",
        )
        if (context.output.mode === "jsonl") for (const row of rows) await context.output.data(row)
        else await context.output.data({ mandates: rows })
      }),
    )
  return mandate
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8"))
  } catch (cause) {
    throw new WatchlineError("input_invalid", {
      message: `${file} is not a readable JSON file.`,
      remedy: "`watchline mandate draft …` writes one.",
      cause,
    })
  }
}

function kinds(text: string): Collectable[] {
  const given = text.split(",").map((t) => t.trim())
  const wrong = given.find((t) => !(collectables as readonly string[]).includes(t))
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${collectables.join(", ")}.`)
  return given as Collectable[]
}

function days(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("A whole number of days, at least 1.")
  return value
}

const startOf = (text: string) => time(text, "T00:00:00.000Z")
const endOf = (text: string) => time(text, "T23:59:59.999Z")

function time(text: string, rest: string): string {
  const millis = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? text + rest : text)
  if (Number.isNaN(millis)) throw new InvalidArgumentError("A date such as 2027-06-30, or a full ISO time.")
  return instant(millis)
}

/** People paste addresses where a host is meant. */
function hostOnly(text: string): string {
  const url = URL.parse(text.includes("://") ? text : `http://${text}`)
  if (!url) throw new WatchlineError("usage", { message: `"${text}" is no host name.` })
  return url.hostname.replace(/\.$/, "")
}
