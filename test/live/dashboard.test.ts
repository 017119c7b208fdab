import assert from "node:assert/strict"
import { request } from "node:http"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { crawlAll } from "../../src/cli/crawl-all.ts"
import { openOutput } from "../../src/cli/output.ts"
import { workStages } from "../../src/cli/work-stages.ts"
import { openDashboard } from "../../src/dashboard/server/dashboard.ts"
import { openSystem } from "../../src/system.ts"
import { monthScope } from "../../src/trends/month-scope.ts"
import { openBrowser } from "../support/browser.ts"
import { prepareWorkspace, quickSettings, startLocalForum } from "../support/local-forum.ts"

async function crawledForum(t: TestContext) {
  const forum = await startLocalForum(t, 6)
  const home = join(forum.directory, "workspace")
  await prepareWorkspace(home, forum)
  const system = await openSystem(home, { env: quickSettings(forum.socks) })
  const context = { output: openOutput("json"), signal: new AbortController().signal }
  await crawlAll(system, context, { forums: [], once: true })
  await workStages(system, context, { stages: [], once: true })
  const dashboard = await openDashboard({ ...system, port: 0 })
  t.after(async () => {
    await dashboard.close()
    await system.close()
  })
  return { system, dashboard }
}

/** Asks the server as somebody would who calls it by another name. */
function statusUnder(host: string, url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on("error", reject)
      .end()
  })
}

test("the dashboard shows a month's report and a trend chart in a real browser, and can show no picture", async (t) => {
  const { system, dashboard } = await crawledForum(t)
  const browser = await openBrowser(t)
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const complaints: string[] = []
  const requested: string[] = []
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()))
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("request", (r) => requested.push(r.url()))

  await page.goto(dashboard.url)
  await page.locator("#figures dd").first().waitFor()
  await page.locator("#chart svg path").first().waitFor({ state: "attached" })

  await t.test("the figures are the index's own, also for another month", async () => {
    for (const month of (await page.locator("#month option").allTextContents()).slice(0, 2)) {
      const answered = page.waitForResponse((r) => r.url().includes(`month=${month}`))
      await page.locator("#month").selectOption([])
      await page.locator("#month").selectOption(month)
      await answered
      const tally = await system.findings.tally(monthScope(month))
      await page.locator("#figures dd").first().getByText(tally.posts.toLocaleString("en"), { exact: true }).waitFor()
      const figures = await page.locator("#figures dd").allTextContents()
      assert.deepEqual(
        figures.slice(0, 4),
        [tally.posts, tally.sightings, tally.knownSightings, tally.aiSightings].map((n) => n.toLocaleString("en")),
      )
    }
  })

  await t.test("the chart's table adds up to what the index holds", async () => {
    await page.locator("#metric").selectOption("sightings")
    await page.getByText("The figures of the chart").click()
    await page.locator("#points th", { hasText: "gnomes" }).waitFor()
    const cells = await page.locator("#points tbody td.number").allTextContents()
    const total = cells.reduce((sum, cell) => sum + Number(cell.replaceAll(",", "")), 0)
    assert.equal(total, (await system.findings.tally({})).sightings)
  })

  await t.test("every choice of the trend is answered, and how guides spread is one", async () => {
    const pick = async (value: string) => {
      const answered = page.waitForResponse((response) => response.url().includes("/api/trend"))
      await page.locator("#metric").selectOption(value)
      return (await (await answered).json()) as { points?: { count: number }[] }
    }
    const choices = await page
      .locator("#metric option")
      .evaluateAll((options) => options.map((o) => o.getAttribute("value")!))
    for (const choice of choices) assert.ok((await pick(choice)).points, choice)
    const spread = (await pick("guide-spread")).points!.reduce((sum, { count }) => sum + count, 0)
    const guides = await Array.fromAsync(system.findings.guides({}))
    assert.equal(
      spread,
      guides.reduce((sum, { forums }) => sum + forums, 0),
    )
    assert.ok(spread > 0)
  })

  await t.test(
    "one artefact's trend is shown by any of its ids; one that nobody knows is said to be unknown",
    async () => {
      const [artefact] = await Array.fromAsync(system.findings.artefacts({}))
      await page.getByLabel("One artefact").fill(artefact!.id)
      await page.getByLabel("One artefact").press("Enter")
      await page.locator("#points th", { hasText: "named" }).waitFor()
      const cells = await page.locator("#points tbody td.number").allTextContents()
      assert.ok(cells.reduce((sum, cell) => sum + Number(cell), 0) >= artefact!.posts)
      await page.locator("#metric").selectOption("sightings")
      assert.equal((await page.request.get(`${dashboard.url}api/artefact-trend?id=gnome:none`)).status(), 400)
    },
  )

  await t.test("nothing is asked of anybody else, nothing is complained about, no picture exists", async () => {
    assert.deepEqual(
      requested.filter((url) => !url.startsWith(dashboard.url)),
      [],
    )
    assert.deepEqual(complaints, [])
    assert.equal(await page.locator("img, picture, video, canvas, image").count(), 0)
  })

  await t.test("every control has a name and the page a language, a title and headings in order", async () => {
    assert.equal(await page.locator("html").getAttribute("lang"), "en")
    assert.equal(await page.title(), "Watchline")
    for (const name of ["Month", "Show"]) assert.equal(await page.getByRole("combobox", { name }).count(), 1)
    assert.equal(await page.locator("h1").count(), 1)
    assert.ok((await page.locator("h2").count()) >= 3)
  })

  await t.test("its answers forbid pictures and caching", async () => {
    const headers = (await page.request.get(dashboard.url)).headers()
    assert.match(headers["content-security-policy"] ?? "", /img-src 'none'/)
    assert.match(headers["content-security-policy"] ?? "", /default-src 'none'/)
    assert.equal(headers["cache-control"], "no-store")
  })

  await t.test("under another host name it answers nobody", async () => {
    assert.equal(await statusUnder("gnomes.example", `${dashboard.url}api/report`), 421)
    assert.equal(await statusUnder("localhost", `${dashboard.url}status/live`), 200)
    assert.equal(await statusUnder("localhost", `${dashboard.url}status/ready`), 200)
  })

  await t.test("a wrong question is refused, and the page says so", async () => {
    const answer = await page.request.get(`${dashboard.url}api/report?month=2026-13`)
    assert.equal(answer.status(), 400)
    await page.route("**/api/report*", (route) =>
      route.fulfill({ status: 500, json: { error: "The dashboard failed." } }),
    )
    await page.locator("#month").selectOption({ index: 1 })
    await page.getByRole("alert").waitFor()
    assert.equal(await page.getByRole("alert").textContent(), "The dashboard failed.")
  })

  if (process.env.SCREENSHOT) {
    await page.unroute("**/api/report*")
    await page.reload()
    await page.locator("#chart svg path").first().waitFor({ state: "attached" })
    await page.screenshot({ path: process.env.SCREENSHOT, fullPage: true })
  }
})
