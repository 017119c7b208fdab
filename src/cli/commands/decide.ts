import { Command, InvalidArgumentError, Option } from "commander"
import { newApproval, newDecision } from "../../delist/assessment.ts"
import type { Approval, Decision, Verdict } from "../../model/decision.ts"
import { type Id, instant } from "../../model/record.ts"
import type { System } from "../../system.ts"
import { choice } from "../choice.ts"
import { action } from "../context.ts"
import { mark } from "../output.ts"

const verdicts = ["confirmed", "rejected", "unsure"] as const satisfies readonly Verdict[]

export const decideCommand = () =>
  new Command("decide")
    .argument("<cluster>", "the cluster's id, or its first digits")
    .addOption(new Option("--verdict <verdict>", verdicts.join(", ")).argParser(choice(verdicts)).makeOptionMandatory())
    .option("--minutes <n>", "time that the assessment took", minutes, 0)
    .option("--reason <text>", "in your own words")
    .option("--as <person>", "who decides (WATCHLINE_PERSON; else the account's name)")
    .description("record one person's decision on a cluster of near-duplicate images, or on a guide and its copies")
    .addHelpText(
      "after",
      "\nExample:\n  $ watchline decide 3fa9 --verdict confirmed --minutes 2 --as kim\n  $ watchline approve 3fa9 --as lee",
    )
    .action(
      action(
        async (
          context,
          cluster: string,
          options: { verdict: Verdict; minutes: number; reason?: string; as?: string },
        ) => {
          const system = await context.system()
          const decision = await decide(system, { ...options, cluster, person: context.person(options.as) })
          context.output.say(
            `${mark.good} ${decision.person}: ${decision.verdict}. It covers the cluster's near-duplicates, late ones too.`,
          )
          if (decision.verdict === "confirmed")
            context.output.say(
              `  Nothing is listed before somebody else runs: watchline approve ${decision.cluster.slice(0, 12)}`,
            )
          await context.output.data(decision)
        },
      ),
    )

export const approveCommand = () =>
  new Command("approve")
    .argument("<cluster>", "the cluster's id, or its first digits")
    .option("--refuse", "say that the decision is wrong", false)
    .option("--reason <text>", "in your own words")
    .option("--as <person>", "who approves: not the one who decided")
    .description("a second person's answer to a decision")
    .addHelpText("after", "\nExample:\n  $ watchline approve 3fa9 --as lee")
    .action(
      action(async (context, cluster: string, options: { refuse: boolean; reason?: string; as?: string }) => {
        const system = await context.system()
        const approval = await approve(system, {
          cluster,
          person: context.person(options.as),
          approved: !options.refuse,
          ...(options.reason ? { reason: options.reason } : {}),
        })
        context.output.say(
          `${mark.good} ${approval.person} ${approval.approved ? "approved" : "refused"} the decision.`,
        )
        await context.output.data(approval)
      }),
    )

/** Checks and records a decision; in the audit log first. */
export async function decide(
  system: System,
  input: { cluster: string; person: string; verdict: Verdict; minutes: number; reason?: string },
): Promise<Decision> {
  const at = instant(system.clock())
  const known = await clusterView(system, input.cluster)
  const { reason } = input
  const decision = newDecision(
    known.history,
    {
      cluster: known.cluster,
      person: input.person,
      verdict: input.verdict,
      minutes: input.minutes,
      at,
      ...(reason ? { reason } : {}),
    },
    known.clusterOf,
  )
  await system.audit.append({
    actor: decision.person,
    action: "decision.make",
    subject: decision.cluster,
    reason: decision.verdict,
    at,
  })
  await system.decisions.decide(decision)
  return decision
}

/** Checks and records a second person's answer; in the audit log first. */
export async function approve(
  system: System,
  input: { cluster: string; person: string; approved: boolean; reason?: string },
): Promise<Approval> {
  const at = instant(system.clock())
  const known = await clusterView(system, input.cluster)
  const approval = newApproval(known.history, { ...input, cluster: known.cluster, at }, known.clusterOf)
  await system.audit.append({
    actor: approval.person,
    action: approval.approved ? "decision.approve" : "decision.refuse",
    subject: known.cluster,
    at,
  })
  await system.decisions.approve(approval)
  return approval
}

/** The cluster meant, what was said so far, and where the clusters that were spoken of are now. */
async function clusterView(system: System, prefix: string) {
  const cluster = await system.findings.findCluster(prefix)
  const history = { approvals: await system.decisions.approvals(), decisions: await system.decisions.decisions() }
  const places = new Map<Id, Id | undefined>([[cluster, cluster]])
  for (const decision of history.decisions)
    places.set(decision.cluster, await system.findings.clusterOf(decision.cluster))
  return { cluster, history, clusterOf: (fingerprint: Id) => places.get(fingerprint) }
}

function minutes(text: string): number {
  const value = Number(text)
  if (!(value >= 0 && value <= 1440)) throw new InvalidArgumentError("Minutes between 0 and 1440.")
  return value
}
