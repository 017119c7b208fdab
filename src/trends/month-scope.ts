import { WatchlineError } from "../errors.ts"
import { instant } from "../model/record.ts"
import type { Scope } from "../ports/findings.ts"

/** The scope of a calendar month in UTC, `2026-10`: from its first instant until before the next month's. */
export function monthScope(month: string): Required<Pick<Scope, "from" | "until">> {
  const parts = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month)
  if (!parts) throw new WatchlineError("usage", { message: `"${month}" is no month.`, remedy: "Write it as 2026-10." })
  const [year, number] = [Number(parts[1]), Number(parts[2])]
  return { from: instant(Date.UTC(year, number - 1, 1)), until: instant(Date.UTC(year, number, 1)) }
}
