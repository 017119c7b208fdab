import { WatchlineError } from "../../src/errors.ts"
import type { Examination } from "../../src/model/fingerprint.ts"
import type { ImageExaminer } from "../../src/ports/image-examiner.ts"
import type { Fetcher } from "../fetch/fetcher.ts"
import type { Politeness } from "../politeness.ts"

export interface PictureTools {
  readonly fetcher: Fetcher
  readonly examiner: ImageExaminer
  readonly politeness: Politeness
  readonly signal: AbortSignal
  readonly onPicture?: () => void
}

const tries = 3
/** A picture that crashes or occupies its worker gets a second one, then none: others wait for that worker. */
export const examinerTries = 2

export function broughtExaminerDown(error: WatchlineError): boolean {
  return error.code === "examiner_crashed" || error.code === "examiner_timeout"
}

/**
 * Pictures from the socket through memory to what may be kept of them. One answer per address: the examination, or why there is none.
 * A picture is tried three times at once, each time through the fetcher's next circuit, and one that brings its examiner down twice; Tor
 * being away, the mandate's end and a stop concern the page as a whole and are thrown.
 */
export async function collectPictures(
  urls: readonly string[],
  tools: PictureTools,
): Promise<Map<string, Examination | WatchlineError>> {
  const results = new Map<string, Examination | WatchlineError>()
  const answers = await Promise.allSettled(
    urls.map((url) =>
      tools.politeness.pictureTurn(async () => {
        results.set(url, await collect(url, tools))
        tools.onPicture?.()
      }),
    ),
  )
  const thrown = answers.find((a) => a.status === "rejected")
  if (thrown) throw thrown.reason
  return results
}

async function collect(url: string, tools: PictureTools): Promise<Examination | WatchlineError> {
  for (let attempt = 1; ; attempt++) {
    tools.signal.throwIfAborted()
    try {
      return await tools.examiner.examine(await tools.fetcher.picture(url, tools.signal))
    } catch (error) {
      if (!(error instanceof WatchlineError) || error.next === "later" || error.next === "stop") throw error
      const again = broughtExaminerDown(error) ? attempt < examinerTries : error.next !== "never" && attempt < tries
      if (!again) return error
    }
  }
}
