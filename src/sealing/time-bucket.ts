const dayMillis = 86_400_000

/**
 * The time bucket of a text: retention and UTC day of collection, e.g. `r90-2026-11-23`. All texts of a bucket share a data key and
 * become unreadable together.
 */
export function bucketOf(collectedAt: number, retentionDays: number): string {
  return `r${retentionDays}-${new Date(collectedAt).toISOString().slice(0, 10)}`
}

/**
 * When a bucket's key is to be destroyed, in milliseconds: the retention counts from the end of the day of collection, so a text is kept
 * at least its days and less than one more. Undefined if this is no bucket's name.
 */
export function bucketEnd(bucket: string): number | undefined {
  const [, days, day] = /^r([1-9]\d{0,3})-(\d{4}-\d\d-\d\d)$/.exec(bucket) ?? []
  const start = day === undefined ? Number.NaN : Date.parse(day)
  return Number.isNaN(start) ? undefined : start + dayMillis * (1 + Number(days))
}
