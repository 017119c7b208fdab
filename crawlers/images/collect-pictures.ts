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
  const examine = async (url: string) => tools.examiner.examine(await tools.fetcher.picture(url, tools.signal))
  return collectFiles(urls, tools, examine, tools.onPicture)
}

/** The same for files of any kind. @param examine fetches one and says what may be kept of it */
export async function collectFiles<Examined>(
  urls: readonly string[],
  tools: Pick<PictureTools, "politeness" | "signal">,
  examine: (url: string) => Promise<Examined>,
  onFile?: () => void,
): Promise<Map<string, Examined | WatchlineError>> {
  const results = new Map<string, Examined | WatchlineError>()
  const answers = await Promise.allSettled(
    urls.map((url) =>
      tools.politeness.pictureTurn(async () => {
        results.set(url, await collect(url, tools.signal, examine))
        onFile?.()
      }),
    ),
  )
  const thrown = answers.find((a) => a.status === "rejected")
  if (thrown) throw thrown.reason
  return results
}

async function collect<Examined>(
  url: string,
  signal: AbortSignal,
  examine: (url: string) => Promise<Examined>,
): Promise<Examined | WatchlineError> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    try {
      return await examine(url)
    } catch (error) {
      if (!(error instanceof WatchlineError) || error.next === "later" || error.next === "stop") throw error
      const again = broughtExaminerDown(error) ? attempt < examinerTries : error.next !== "never" && attempt < tries
      if (!again) return error
    }
  }
}
