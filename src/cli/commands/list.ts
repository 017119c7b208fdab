import { readFileSync } from "node:fs"
import { Command, Option } from "commander"
import { buildList } from "../../delist/build-list.ts"
import { exportFormats } from "../../delist/export-formats.ts"
import { diffLists } from "../../delist/list-difference.ts"
import { signList, verifyList } from "../../delist/signed-list.ts"
import { WatchlineError } from "../../errors.ts"
import type { SignedList } from "../../model/list-version.ts"
import { instant } from "../../model/record.ts"
import { publicKeyText } from "../../model/signature.ts"
import type { System } from "../../system.ts"
import { choice } from "../choice.ts"
import { action } from "../context.ts"
import { mark } from "../output.ts"
import { wholeNumber } from "../whole-number.ts"

const formatNames = Object.keys(exportFormats)

export const listCommand = () => {
  const list = new Command("list").description("the signed de-index list: build, publish, verify, diff, export")

  list
    .command("build")
    .description("show what the next version would list; publishes nothing")
    .addHelpText("after", "\nExample:\n  $ watchline list build")
    .action(
      action(async (context) => {
        const system = await context.system()
        const { list: next, difference, unlistable } = await build(system)
        context.output.say(`Version ${next.sequence} would list ${next.entries.length} addresses:`)
        context.output.say(
          `  ${difference.added.length} new, ${difference.removed.length} withdrawn or expired, ${difference.kept.length} kept`,
        )
        if (unlistable > 0)
          context.output.say(`  ${mark.note} ${unlistable} places have no address that could be listed`)
        await context.output.data({
          ...next,
          added: difference.added.length,
          removed: difference.removed.length,
          unlistable,
        })
      }),
    )

  list
    .command("publish")
    .option("--as <person>", "who publishes")
    .description("build, sign and publish the next version")
    .addHelpText("after", "\nExample:\n  $ watchline list publish --as lee")
    .action(
      action(async (context, options: { as?: string }) => {
        const system = await context.system()
        const published = await publishList(system, context.person(options.as))
        context.output.say(
          `${mark.good} Version ${published.list.sequence} is published: ${published.list.entries.length} addresses, valid until ${published.list.expiresAt.slice(0, 10)}.`,
        )
        await context.output.data(published)
      }),
    )

  list
    .command("verify")
    .argument("[file]", "a list as a recipient has it; the newest published one if left out")
    .option("--key <base64>", "the publisher's public key; the workspace's own if left out")
    .description("check signature, expiry, order and hashes")
    .addHelpText(
      "after",
      "\nExample:\n  $ watchline list verify\n  $ watchline list verify received.json --key 'MCowBQYDK2Vw…'",
    )
    .action(
      action(async (context, file: string | undefined, options: { key?: string }) => {
        const system = await context.system()
        const signed = file === undefined ? await newest(system) : readList(file)
        const problems = verifyList(signed, {
          key: options.key ?? publicKeyText(system.keys.list.publicKey),
          now: system.clock(),
        })
        await context.output.data({ valid: problems.length === 0, problems })
        if (problems.length > 0) {
          throw new WatchlineError("list_invalid", {
            message: problems.map((p) => p.says).join(" "),
            remedy: "Do not use this list; fetch it again from the publisher.",
          })
        }
        context.output.say(
          `${mark.good} Version ${signed.list.sequence} of ${signed.list.issuer}: ${signed.list.entries.length} addresses, signature and hashes hold.`,
        )
      }),
    )

  list
    .command("diff")
    .argument("<older>", "sequence of a published version", wholeNumber(1))
    .argument("<newer>", "sequence of a published version", wholeNumber(1))
    .description("what changed between two published versions")
    .addHelpText("after", "\nExample:\n  $ watchline list diff 3 4")
    .action(
      action(async (context, older: number, newer: number) => {
        const system = await context.system()
        const difference = diffLists((await published(system, older)).list, (await published(system, newer)).list)
        for (const entry of difference.added) context.output.say(`+ ${entry.scope} ${entry.url}`)
        for (const entry of difference.removed) context.output.say(`- ${entry.scope} ${entry.url}`)
        await context.output.data(difference)
      }),
    )

  list
    .command("export")
    .addOption(new Option("--format <name>", formatNames.join(", ")).argParser(choice(formatNames)).default("json"))
    .option("--sequence <n>", "which version; the newest if left out", wholeNumber(1))
    .description(
      "a published version in a recipient's form, on standard output; with --json always the signed list itself",
    )
    .addHelpText("after", "\nExample:\n  $ watchline list export --format json > list.json")
    .action(
      action(async (context, options: { format: keyof typeof exportFormats; sequence?: number }) => {
        const system = await context.system()
        const format = exportFormats[context.output.mode === "people" ? options.format : "json"]
        if ("caveat" in format) process.stderr.write(`${mark.note} ${format.caveat}\n`)
        process.stdout.write(
          format.write(options.sequence ? await published(system, options.sequence) : await newest(system)),
        )
      }),
    )
  return list
}

function build(system: System) {
  const { decisions, findings, listVersions: versions, config } = system
  const terms = {
    issuer: config.organisation.name,
    validityDays: config.list.validDays,
    listDays: config.list.freshDays,
  }
  return buildList({ decisions, findings, versions }, terms, system.clock())
}

/** Builds, signs and publishes the next version; written to the audit log before it is public. */
export async function publishList(system: System, person: string): Promise<SignedList> {
  const { list } = await build(system)
  const signed = signList(list, system.keys.list.privateKey)
  await system.audit.append({
    actor: person,
    action: "list.publish",
    subject: String(list.sequence),
    count: list.entries.length,
    at: instant(system.clock()),
  })
  await system.listVersions.publish(signed)
  return signed
}

async function newest(system: System): Promise<SignedList> {
  const signed = await system.listVersions.latest()
  if (signed) return signed
  throw new WatchlineError("not_found", {
    message: "No version of the list has been published.",
    remedy: "`watchline list publish`.",
  })
}

async function published(system: System, sequence: number): Promise<SignedList> {
  const signed = await system.listVersions.get(sequence)
  if (signed) return signed
  throw new WatchlineError("not_found", { message: `There is no version ${sequence} of the list.` })
}

function readList(file: string): SignedList {
  try {
    return JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8")) as SignedList
  } catch (cause) {
    throw new WatchlineError("input_invalid", { message: `${file} is not a readable JSON file.`, cause })
  }
}
