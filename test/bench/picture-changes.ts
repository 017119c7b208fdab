import sharp, { type Sharp } from "sharp"
import type { Picture } from "./picture-hashes.ts"

/** What happens to a picture that is posted again; each is a function of the picture and its size. */
export const changes: Readonly<Record<string, (picture: Picture) => Promise<Sharp> | Sharp>> = {
  "JPEG 95": (picture) => stored(picture, (image) => image.jpeg({ quality: 95 })),
  "JPEG 70": (picture) => stored(picture, (image) => image.jpeg({ quality: 70 })),
  "JPEG 30": (picture) => stored(picture, (image) => image.jpeg({ quality: 30 })),
  "WebP 75": (picture) => stored(picture, (image) => image.webp({ quality: 75 })),
  "half the size": (picture) => raw(picture).resize(Math.ceil(picture.width / 2)),
  "quarter of the size": (picture) => raw(picture).resize(Math.ceil(picture.width / 4)),
  greyscale: (picture) => raw(picture).greyscale(),
  blur: (picture) => raw(picture).blur(Math.max(0.4, picture.width / 250)),
  noise: (picture) => noisy(picture, 24),
  caption: (picture) =>
    raw(picture).composite([{ input: bar(picture.width, Math.round(picture.height * 0.09)), gravity: "south" }]),
  screenshot: (picture) => screenshot(picture),
  border: (picture) => {
    const side = Math.round(Math.min(picture.width, picture.height) * 0.03)
    return raw(picture).extend({ top: side, bottom: side, left: side, right: side, background: "#111" })
  },
  "5 % cropped off": (picture) => cropped(picture, 0.05),
  "10 % cropped off": (picture) => cropped(picture, 0.1),
  "mirrored left to right": (picture) => raw(picture).flop(),
  "upside down": (picture) => raw(picture).flip(),
  "turned by 90°": (picture) => raw(picture).rotate(90),
  "turned by 180°": (picture) => raw(picture).rotate(180),
}

export async function changed(picture: Picture, change: keyof typeof changes): Promise<Picture> {
  const image = await changes[change]!(picture)
  const { data, info } = await image.removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (channels !== 1 && channels !== 3) throw new Error(`${change}: ${channels} channels`)
  const rgb = channels === 3 ? data : Uint8Array.from({ length: data.length * 3 }, (_, at) => data[Math.trunc(at / 3)]!)
  return { name: picture.name, rgb, width, height }
}

function raw({ rgb, width, height }: Picture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
}

async function stored(picture: Picture, as: (image: Sharp) => Sharp): Promise<Sharp> {
  return sharp(await as(raw(picture)).toBuffer())
}

/** So much of width and height is gone, most of it from the left and the top. */
function cropped(picture: Picture, share: number): Sharp {
  const width = Math.round(picture.width * (1 - share))
  const height = Math.round(picture.height * (1 - share))
  const left = Math.round((picture.width - width) * 0.7)
  const top = Math.round((picture.height - height) * 0.7)
  return raw(picture).extract({ left, top, width, height })
}

/** Dark bar with a line of words, as forums and apps print below a picture. */
function bar(width: number, height: number): Buffer {
  const size = Math.round(height * 0.6)
  return Buffer.from(
    `<svg width="${width}" height="${height}"><rect width="100%" height="100%" fill="#222"/><text x="${size}" y="${size * 1.2}" font-size="${size}" fill="#eee">garden gnomes forever</text></svg>`,
  )
}

/** Another size, a line of status above and of buttons below, four per cent each, and stored as JPEG. */
function screenshot(picture: Picture): Promise<Sharp> {
  const height = Math.max(2, Math.round(picture.height * 0.04))
  return stored(picture, (image) =>
    image
      .composite([
        { input: bar(picture.width, height), gravity: "north" },
        { input: bar(picture.width, height), gravity: "south" },
      ])
      .jpeg({ quality: 80 }),
  )
}

/** The same noise for the same picture. */
function noisy(picture: Picture, strength: number): Sharp {
  let state = picture.rgb.length
  const rgb = picture.rgb.map((value) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.max(0, Math.min(255, value + ((state >>> 16) / 65536 - 0.5) * 2 * strength))
  })
  return raw({ ...picture, rgb })
}
