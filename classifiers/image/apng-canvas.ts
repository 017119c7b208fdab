import type { Apng, ApngFrame } from "./container/apng.ts"
import type { Pixels } from "./pixels.ts"

/** What an animated PNG shows after each of its frames: red, green, blue, alpha, row by row; at first transparent black. */
export class ApngCanvas {
  readonly data: Buffer<ArrayBuffer>
  readonly #stride: number
  #before: (() => void) | undefined
  #saved: Buffer | undefined

  constructor({ width, height }: Apng) {
    this.#stride = width * 4
    this.data = Buffer.alloc(width * height * 4)
  }

  /** Puts the next frame there. Its pixels have the frame's size. */
  draw(frame: ApngFrame, pixels: Pixels): void {
    this.#before?.()
    this.#before = this.#disposal(frame)
    let from = 0
    for (let row = 0; row < frame.height; row++) {
      let to = (frame.y + row) * this.#stride + frame.x * 4
      for (let column = 0; column < frame.width; column++, from += pixels.channels, to += 4) {
        const red = pixels.data[from]!
        const green = pixels.data[from + 1]!
        const blue = pixels.data[from + 2]!
        const alpha = pixels.channels === 4 ? pixels.data[from + 3]! : 255
        if (!frame.over || alpha === 255) this.#set(to, red, green, blue, alpha)
        else if (alpha > 0) this.#blend(to, red, green, blue, alpha)
      }
    }
  }

  wipe(): void {
    this.data.fill(0)
    this.#saved?.fill(0)
  }

  #disposal(frame: ApngFrame): (() => void) | undefined {
    if (frame.dispose === "keep") return undefined
    if (frame.dispose === "clear") return () => this.#rows(frame, (row) => row.fill(0))
    const saved = Buffer.alloc(frame.width * frame.height * 4)
    this.#saved = saved
    this.#rows(frame, (row, at) => row.copy(saved, at))
    return () => {
      this.#rows(frame, (row, at) => saved.copy(row, 0, at))
      saved.fill(0)
    }
  }

  #rows({ x, y, width, height }: ApngFrame, each: (row: Buffer, at: number) => void): void {
    for (let row = 0; row < height; row++) {
      const from = (y + row) * this.#stride + x * 4
      each(this.data.subarray(from, from + width * 4), row * width * 4)
    }
  }

  #set(at: number, red: number, green: number, blue: number, alpha: number): void {
    this.data[at] = red
    this.data[at + 1] = green
    this.data[at + 2] = blue
    this.data[at + 3] = alpha
  }

  /** Colours that are not multiplied by their alpha, one over the other (W3C PNG, 13.16). */
  #blend(at: number, red: number, green: number, blue: number, alpha: number): void {
    const below = (this.data[at + 3]! * (255 - alpha)) / 255
    const sum = alpha + below
    const mix = (above: number, under: number) => Math.round((above * alpha + under * below) / sum)
    this.#set(
      at,
      mix(red, this.data[at]!),
      mix(green, this.data[at + 1]!),
      mix(blue, this.data[at + 2]!),
      Math.round(sum),
    )
  }
}
