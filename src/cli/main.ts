import { Command, CommanderError } from "commander"
import { describeError, ExitCode, WatchlineError } from "../errors.ts"
import { mark } from "./output.ts"

const program = new Command("watchline")
  .description(
    "Watches closed forums lawfully for hotlines: metadata and image fingerprints, findings, trends, signed de-index lists. Never an image.",
  )
  .version("0.1.0")
  .option("--home <dir>", "workspace folder (WATCHLINE_HOME; default ~/.watchline)")
  .option("--json", "one JSON object on standard output and nothing else")
  .option("--jsonl", "one JSON object a line on standard output and nothing else")
  .showSuggestionAfterError(true)
  .showHelpAfterError("(--help shows what there is)")
  .exitOverride()
  .addHelpText(
    "after",
    `
Exit codes: 0 done, 1 failed, 2 wrong usage or refused input, 3 stopped by the mandate, 4 Tor or an engine not reachable.

A first run, everything on this machine:
  $ watchline demo`,
  )

/** In the order of the help page. A command's file is loaded when it is called, all of them for help and for suggestions. */
const commands: Readonly<Record<string, () => Promise<() => Command>>> = {
  init: async () => (await import("./commands/init.ts")).initCommand,
  config: async () => (await import("./commands/config.ts")).configCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  tor: async () => (await import("./commands/tor.ts")).torCommand,
  mandate: async () => (await import("./commands/mandate.ts")).mandateCommand,
  forum: async () => (await import("./commands/forum.ts")).forumCommand,
  crawl: async () => (await import("./commands/crawl.ts")).crawlCommand,
  work: async () => (await import("./commands/work.ts")).workCommand,
  dead: async () => (await import("./commands/dead.ts")).deadCommand,
  examine: async () => (await import("./commands/examine.ts")).examineCommand,
  read: async () => (await import("./commands/read.ts")).readCommand,
  known: async () => (await import("./commands/known.ts")).knownCommand,
  terms: async () => (await import("./commands/terms.ts")).termsCommand,
  report: async () => (await import("./commands/report.ts")).reportCommand,
  trends: async () => (await import("./commands/trends.ts")).trendsCommand,
  search: async () => (await import("./commands/search.ts")).searchCommand,
  export: async () => (await import("./commands/export.ts")).exportCommand,
  decide: async () => (await import("./commands/decide.ts")).decideCommand,
  approve: async () => (await import("./commands/decide.ts")).approveCommand,
  list: async () => (await import("./commands/list.ts")).listCommand,
  dashboard: async () => (await import("./commands/dashboard.ts")).dashboardCommand,
  model: async () => (await import("./commands/model.ts")).modelCommand,
  expire: async () => (await import("./commands/expire.ts")).expireCommand,
  index: async () => (await import("./commands/indices.ts")).indexCommand,
  services: async () => (await import("./commands/services.ts")).servicesCommand,
  audit: async () => (await import("./commands/audit.ts")).auditCommand,
  demo: async () => (await import("./commands/demo.ts")).demoCommand,
}

async function loadCommands(): Promise<void> {
  const called = program.parseOptions(process.argv.slice(2)).operands[0]
  const only = called === undefined ? undefined : commands[called]
  const wanted = only ? [only] : process.argv.includes("--version") ? [] : Object.values(commands)
  for (const load of wanted) adopt((await load())())
}

/** Sub-commands inherit the program's manners; commander copies them only to commands that it makes itself. */
function adopt(command: Command): void {
  program.addCommand(command)
  const inherit = (parent: Command, child: Command) => {
    child.copyInheritedSettings(parent)
    for (const grandchild of child.commands) inherit(child, grandchild)
  }
  inherit(program, command)
}

// a reader that has seen enough, such as head, ends the command without a word
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? ExitCode.done : ExitCode.failed),
)

try {
  await loadCommands()
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}
// what is still open by mistake must not keep a finished command alive
setTimeout(() => process.exit(), 2000).unref()

function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.refused
  const { code, message, remedy } = describeError(error)
  process.stderr.write(`${mark.bad} ${message}${remedy ? `\n  ${remedy}` : ""}  (${code})\n`)
  if (error instanceof WatchlineError) return error.exit
  if (process.env.NODE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return ExitCode.failed
}
