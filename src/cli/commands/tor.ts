import { Command } from "commander"
import { checkTor } from "../../../crawlers/tor/check.ts"
import { WatchlineError } from "../../errors.ts"
import { action } from "../context.ts"
import { mark } from "../output.ts"

export const torCommand = () => {
  const tor = new Command("tor").description("the way to the forums")
  tor
    .command("check")
    .option("--onion <host>", "an onion address that should answer; a registered forum's if left out")
    .description("say step by step whether Tor works, which step fails and what to do")
    .addHelpText(
      "after",
      "\nExample:\n  $ watchline tor check\n  $ WATCHLINE_TOR_SOCKS=127.0.0.1:9050 watchline tor check",
    )
    .action(
      action(async (context, options: { onion?: string }) => {
        const system = await context.system()
        const forums = await system.forums.list()
        const onion =
          options.onion ?? forums.map((f) => new URL(f.url).host).find((host) => /\.onion(:\d+)?$/.test(host))
        const socks = await system.tor(context.signal, (percent, what) =>
          process.stderr.write(`tor ${percent} % ${what}\n`),
        )
        const steps = []
        for await (const step of checkTor({
          socks,
          ...(socks.control ? { control: socks.control } : {}),
          ...(onion ? { onion } : {}),
          signal: context.signal,
        })) {
          steps.push(step)
          context.output.say(`${step.ok ? mark.good : mark.bad} ${step.name}: ${step.detail}`)
          if (!step.ok && step.remedy) context.output.say(`  ${step.remedy}`)
        }
        const failed = steps.find((s) => !s.ok)
        await context.output.data({ ok: !failed, steps })
        if (failed) {
          throw new WatchlineError("tor_not_ready", {
            message: `The step "${failed.name}" fails: ${failed.detail}`,
            ...(failed.remedy ? { remedy: failed.remedy } : {}),
          })
        }
      }),
    )
  return tor
}
