import { checkTor, type TorCheckOptions, type TorStep } from "../../crawlers/tor/check.ts"

/** Every step of a check, to its end. */
export async function torSteps(options: TorCheckOptions): Promise<TorStep[]> {
  const steps: TorStep[] = []
  for await (const step of checkTor(options)) steps.push(step)
  return steps
}

/** The step at which a check ended: its name, or "all passed". */
export function failingStep(steps: readonly TorStep[]): string {
  return steps.find((step) => !step.ok)?.name ?? "all passed"
}
