export type Colour = readonly [red: number, green: number, blue: number]
export type Point = readonly [x: number, y: number]

/** Red in the lowest byte, then green, then blue. */
export function packed([red, green, blue]: Colour): number {
  return red | (green << 8) | (blue << 16)
}

/** A picture being painted, row by row, without alpha; hard edges, because flat areas keep the files small. */
export class Raster {
  readonly width: number
  readonly height: number
  /** `packed` colours: one word a pixel is filled several times as fast as three bytes. */
  readonly pixels: Uint32Array

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.pixels = new Uint32Array(width * height)
  }

  /** Pixels of one row from `from` up to, not including, `to`; what lies outside is left out. */
  span(y: number, from: number, to: number, colour: Colour): void {
    if (y < 0 || y >= this.height) return
    const first = Math.max(0, Math.round(from))
    const last = Math.min(this.width, Math.round(to))
    if (first < last) this.pixels.fill(packed(colour), y * this.width + first, y * this.width + last)
  }

  ellipse(cx: number, cy: number, rx: number, ry: number, colour: Colour): void {
    for (let y = Math.ceil(cy - ry); y <= cy + ry; y++) {
      const half = rx * Math.sqrt(Math.max(0, 1 - ((y - cy) / ry) ** 2))
      this.span(y, cx - half, cx + half, colour)
    }
  }

  /** Fills by the even-odd rule. */
  polygon(points: readonly Point[], colour: Colour): void {
    const ys = points.map(([, y]) => y)
    for (let y = Math.max(0, Math.floor(Math.min(...ys))); y <= Math.min(this.height - 1, Math.max(...ys)); y++) {
      const crossings: number[] = []
      for (let i = 0; i < points.length; i++) {
        const [x1, y1] = points[i]!
        const [x2, y2] = points[(i + 1) % points.length]!
        if (y1 <= y !== y2 <= y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1))
      }
      crossings.sort((left, right) => left - right)
      for (let i = 0; i + 1 < crossings.length; i += 2) this.span(y, crossings[i]!, crossings[i + 1]!, colour)
    }
  }
}
