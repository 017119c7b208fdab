export type Colour = readonly [red: number, green: number, blue: number]
export type Point = readonly [x: number, y: number]

/** A picture being painted: 8-bit RGB, row by row, without alpha; hard edges, because flat areas keep the files small. */
export class Raster {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.rgb = new Uint8Array(width * height * 3)
  }

  /** Pixels of one row from `from` up to, not including, `to`; what lies outside is left out. */
  span(y: number, from: number, to: number, [red, green, blue]: Colour): void {
    if (y < 0 || y >= this.height) return
    const last = Math.min(this.width, Math.round(to))
    for (let x = Math.max(0, Math.round(from)), at = (y * this.width + x) * 3; x < last; x++) {
      this.rgb[at++] = red
      this.rgb[at++] = green
      this.rgb[at++] = blue
    }
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
