import { Command } from "commander"
import { type MonthReport, monthReport } from "../../trends/month-report.ts"
import { type DriftWeek, driftAlarmText, monthDrift } from "../../trends/pixel-drift.ts"
import { action } from "../context.ts"
import { driftHead, driftRow } from "../drift-table.ts"
import { type Output, style } from "../output.ts"

export const reportCommand = () =>
  new Command("report")
    .option("--month <YYYY-MM>", "the month; the current one if left out")
    .option("--forum <name...>", "only these forums")
    .description("a month's report: what was posted, what spoke for generation, what people decided")
    .addHelpText("after", "\nExample:\n  $ watchline report --month 2026-10")
    .action(
      action(async (context, options: { month?: string; forum?: string[] }) => {
        const system = await context.system()
        const month = options.month ?? new Date(system.clock()).toISOString().slice(0, 7)
        const asked = { month, ...(options.forum ? { forums: options.forum } : {}) }
        const report = await monthReport(system, asked)
        const drift = system.config.examine.pixel === "on" ? await monthDrift(system, asked) : undefined
        printReport(context.output, report)
        if (drift) printDrift(context.output, drift)
        await context.output.data({ ...report, ...(drift ? { pixelDrift: drift } : {}) })
      }),
    )

function printReport(output: Output, report: MonthReport): void {
  output.say(style.bold(`Report for ${report.month ?? "all time"}`))
  output.table(
    ["", "posted", "unique"],
    [
      ["posts", report.posts, ""],
      ["threads", report.threads, ""],
      ["authors (pseudonyms)", report.authors, ""],
      ["images", report.images.posted, report.images.unique],
      ["near-duplicate clusters", "", report.clusters],
      ["set aside by known hash", report.known.posted, report.known.unique],
      ["likely AI-generated, by their own signals", report.generated.posted, report.generated.unique],
      ["  and near-duplicates of such", report.generatedByNearDuplicate, ""],
      ["assessed by a person", report.assessed.posted, report.assessed.unique],
      ["confirmed by two", report.confirmed.posted, report.confirmed.unique],
      ["disputed", report.disputed.posted, report.disputed.unique],
      ["analyst hours", report.analystHours, ""],
      ["posts that name models", report.modelLinks.posts, report.modelLinks.artefacts],
      ["posts that name chatbot characters", report.characterPosts, ""],
      ["posts that hand over a character card", report.characterCardPosts, ""],
      ["how-to guides, and texts without their copies", report.guides, report.guideTexts.texts],
      ["  of these, posted more than once", "", report.guideTexts.reposted],
      ["  in several forums", "", report.guideTexts.inSeveralForums],
      ["  came to a forum for the first time", "", report.guideTexts.forumsReached],
      ["  assessed by a person", "", report.guideTexts.assessed],
    ],
  )
  if (report.signals.length > 0) {
    output.say("")
    output.table(
      ["signal", "strength", "posted", "unique"],
      report.signals.map((s) => [s.family, s.strength, s.sightings, s.images]),
    )
  }
  if (report.imageErrors.length > 0) {
    output.say("")
    output.table(
      ["images that could not be read", "unique"],
      report.imageErrors.map((e) => [e.error, e.images]),
    )
  }
  for (const { alarm, url } of report.alarms) output.say(`alarm ${alarm}: ${url}`)
}

function printDrift(output: Output, weeks: readonly DriftWeek[]): void {
  output.say("")
  output.table(driftHead, weeks.map(driftRow), "No picture of this month was looked at by a model.")
  for (const text of weeks.map(driftAlarmText)) if (text) output.say(`alarm: ${text}`)
}
