import type { PixelScore } from "../model/pixel-score.ts"

/** In words, with the arithmetic of base rates: among many pictures few are generated, so many that are flagged may not be. */
export function pixelText(pixel: PixelScore | undefined): string {
  if (!pixel || pixel.level === "none") return ""
  if (pixel.abstained !== undefined) return `pixels not assessable (${pixel.abstained})`
  const { score = 0, precision, level } = pixel
  const share = (value = 0) => `${Math.round(value * 100)} in 100`
  return `pixels look generated: ${score.toFixed(2)} (${level}; right ${share(precision?.atOnePercent)} times if 1 % of pictures are generated, ${share(precision?.atTenPercent)} if 10 %)`
}
