import { Command, InvalidArgumentError } from "commander"
import { WatchlineError } from "../../errors.ts"
import { verifyChain } from "../../sealing/audit-chain.ts"
import { action } from "../context.ts"
import { mark, when } from "../output.ts"

/** Ids are recognised by their first digits. */
const shortSubject = (subject: string) => (/^[0-9a-f]{40,}$/.test(subject) ? subject.slice(0, 12) : subject)

export const auditCommand = () => {
  const audit = new Command("audit").description("the append-only record of who did what")

  audit
    .command("verify")
    .description("check the hash chain from its start; fails naming the first event that does not fit")
    .addHelpText("after", "\nExample:\n  $ watchline audit verify\n  $ watchline audit verify --anchor 17:9c1f…")
    .option("--anchor <sequence:id>", "an event written down elsewhere that must be in the chain", anchorOf)
    .action(
      action(async (context, { anchor }: { anchor?: { sequence: number; id: string } }) => {
        const system = await context.system()
        const verdict = await verifyChain(system.audit.events(), anchor)
        await context.output.data(verdict)
        if (!verdict.ok) {
          throw new WatchlineError("audit_broken", {
            message: `The audit log does not hold at event ${verdict.at}: ${verdict.why}`,
            remedy: "Keep the workspace as it is and compare it with a backup.",
          })
        }
        context.output.say(
          `${mark.good} ${verdict.count} events, chain unbroken; head ${verdict.count}:${verdict.head ?? "-"}`,
        )
      }),
    )

  audit
    .command("list")
    .description("all events, oldest first")
    .addHelpText("after", "\nExample:\n  $ watchline audit list --jsonl")
    .action(
      action(async (context) => {
        const system = await context.system()
        const events = await Array.fromAsync(system.audit.events())
        context.output.table(
          ["#", "when", "who", "what", "subject", "reason"],
          events.map((e) => [e.sequence, when(e.at), e.actor, e.action, shortSubject(e.subject ?? ""), e.reason ?? ""]),
        )
        if (context.output.mode === "jsonl") for (const event of events) await context.output.data(event)
        else await context.output.data({ events })
      }),
    )
  return audit
}

/** As `audit verify` prints its head. */
function anchorOf(text: string): { sequence: number; id: string } {
  const parts = /^(\d+):([0-9a-f]{64})$/.exec(text)
  if (!parts) throw new InvalidArgumentError("Write it as `audit verify` prints its head: number:digest.")
  return { sequence: Number(parts[1]), id: parts[2]! }
}
