import { existsSync } from "node:fs"
import type { TestContext } from "node:test"
import { type Browser, chromium } from "playwright-core"

/** Debian's Chromium, headless, talking to nobody but the page under test; closed after the test. */
export async function openBrowser(t: TestContext): Promise<Browser> {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
    existsSync(path),
  )
  if (!executablePath) throw new Error("Chromium is missing: apt-get install chromium (`npm test` does it).")
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  })
  t.after(() => browser.close())
  return browser
}
