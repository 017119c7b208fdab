import type { DriftWeek } from "../trends/pixel-drift.ts"

export const driftHead = ["week of", "images looked at", "no score", "scores of 0.5 and more", "shift", "alarm"]

/** A week as people read it. */
export function driftRow({ week, images, abstained, tenths, shift, alarm }: DriftWeek): (string | number)[] {
  const upper = tenths.slice(5).reduce((sum, share) => sum + share, 0)
  return [week, images, percent(abstained / images), percent(upper), shift?.toFixed(2) ?? "", alarm ?? ""]
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`
