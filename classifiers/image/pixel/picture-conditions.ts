import sharp from "sharp"

/** A history that a picture may have had before it was posted. */
export interface Condition {
  readonly name: string
  readonly side?: number
  readonly scale?: number
  readonly as: "jpeg" | "webp" | "png" | "native"
  readonly quality?: number
  /** Cuts an eighth off each side, or scales to nine tenths as a picture of a screen does. */
  readonly cut?: "crop" | "screenshot"
}

export const asItCame: Condition = { name: "as it came", as: "native" }

/** JPEG quality by size, and a crop, a screenshot and a WebP at the size that most re-posts have. */
export const conditionGrid: readonly Condition[] = [
  ...([1, 0.75, 0.5, 448, 320] as const).flatMap((size) =>
    [95, 85, 75, 60, 40].map((quality): Condition => {
      const name = `${size <= 1 ? `${size * 100} %` : size} / JPEG ${quality}`
      return { name, ...(size <= 1 ? { scale: size } : { side: size }), as: "jpeg", quality }
    }),
  ),
  { name: "448 / crop, JPEG 85", side: 448, as: "jpeg", quality: 85, cut: "crop" },
  { name: "448 / screenshot, PNG", side: 448, as: "png", cut: "screenshot" },
  { name: "448 / WebP 80", side: 448, as: "webp", quality: 80 },
]

const matchedQuality = 92

/** A picture after a history, as a file in memory. What was lossless is a JPEG once first, so that its container says nothing of its class. */
export async function underCondition(bytes: Uint8Array, condition: Condition): Promise<Uint8Array<ArrayBuffer>> {
  if (condition.as === "native") return Uint8Array.from(bytes)
  const { format } = await sharp(bytes).metadata()
  const first =
    format === "jpeg"
      ? bytes
      : await sharp(bytes).flatten({ background: "white" }).jpeg({ quality: matchedQuality }).toBuffer()
  const { width, height } = await sharp(first).metadata()
  const least = Math.min(width, height)
  const factor = Math.min(1, condition.scale ?? (condition.side ?? least) / least)
  const scaled = [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))] as const
  let picture = sharp(first).resize(scaled[0], scaled[1], { fit: "fill" })
  if (condition.cut === "crop") {
    const [x, y] = [Math.floor(scaled[0] / 8), Math.floor(scaled[1] / 8)]
    picture = picture.extract({ left: x, top: y, width: scaled[0] - 2 * x, height: scaled[1] - 2 * y })
  } else if (condition.cut === "screenshot") {
    picture = sharp(await picture.png().toBuffer()).resize(Math.round(scaled[0] * 0.9), Math.round(scaled[1] * 0.9), {
      fit: "fill",
    })
  }
  const { quality = 85 } = condition
  const out =
    condition.as === "jpeg"
      ? picture.jpeg({ quality })
      : condition.as === "webp"
        ? picture.webp({ quality })
        : picture.png()
  return Uint8Array.from(await out.toBuffer())
}
