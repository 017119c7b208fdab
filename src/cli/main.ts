import { Command, CommanderError } from "commander"
import { describeError, ExitCode, WatchlineError } from "../errors.ts"
import { auditCommand } from "./commands/audit.ts"
import { configCommand } from "./commands/config.ts"
import { crawlCommand } from "./commands/crawl.ts"
import { dashboardCommand } from "./commands/dashboard.ts"
import { deadCommand } from "./commands/dead.ts"
import { approveCommand, decideCommand } from "./commands/decide.ts"
import { demoCommand } from "./commands/demo.ts"
import { doctorCommand } from "./commands/doctor.ts"
import { examineCommand } from "./commands/examine.ts"
import { expireCommand } from "./commands/expire.ts"
import { exportCommand } from "./commands/export.ts"
import { forumCommand } from "./commands/forum.ts"
import { initCommand } from "./commands/init.ts"
import { knownCommand } from "./commands/known.ts"
import { listCommand } from "./commands/list.ts"
import { mandateCommand } from "./commands/mandate.ts"
import { readCommand } from "./commands/read.ts"
import { reportCommand } from "./commands/report.ts"
import { searchCommand } from "./commands/search.ts"
import { torCommand } from "./commands/tor.ts"
import { trendsCommand } from "./commands/trends.ts"
import { workCommand } from "./commands/work.ts"
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

const commands = [
  initCommand, configCommand, doctorCommand, torCommand, mandateCommand, forumCommand, crawlCommand, workCommand, deadCommand,
  examineCommand, readCommand, knownCommand, reportCommand, trendsCommand, searchCommand, exportCommand, decideCommand, approveCommand,
  listCommand, dashboardCommand, expireCommand, auditCommand, demoCommand,
] // biome-ignore format: the order of the help page
for (const command of commands) adopt(command())

/** Sub-commands inherit the program's manners; commander copies them only to commands that it makes itself. */
function adopt(command: Command): void {
  program.addCommand(command)
  const inherit = (parent: Command, child: Command) => {
    child.copyInheritedSettings(parent)
    for (const grandchild of child.commands) inherit(child, grandchild)
  }
  inherit(program, command)
}

try {
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
