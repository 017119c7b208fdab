import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import type { RequestListener } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { crawlAll } from "../../src/cli/crawl-all.ts"
import { openOutput } from "../../src/cli/output.ts"
import { workStages } from "../../src/cli/work-stages.ts"
import type { Collectable } from "../../src/model/mandate.ts"
import { artefacts } from "../../src/trends/artefact-graph.ts"
import { startHostileServer } from "../support/hostile-server.ts"
import { onion, prepareWorkspace, quickSettings, withSystem } from "../support/local-forum.ts"
import { searchResidue, textNeedle } from "../support/residue-search.ts"
import { phpbbRoutes, phpbbThread } from "../support/small-forum.ts"
import { startSocksServer } from "../support/socks-server.ts"

const words = "Gustav-keeps-the-north-bed"
const inside = "WATCHLINE-CANARY-in-a-workflow"
const card = { spec: "chara_card_v2", data: { name: "Gustav", description: words, first_mes: "Good morning." } }
const workflow = {
  1: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "gnome-xl.safetensors" } },
  2: { class_type: "LoadImage", inputs: { image: `data:image/png;base64,${Buffer.from(inside).toString("base64")}` } },
  3: { class_type: "KSampler", inputs: { model: ["1", 0], note: inside } },
}

const file = (id: number, name: string) =>
  `<dl class="attachbox"><dd><dl class="file"><dt><a class="postlink" href="./download/file.php?id=${id}">${name}</a></dt></dl></dd></dl>`
const send =
  (content: string | Uint8Array): RequestListener =>
  (_, response) =>
    response.writeHead(200, { "content-type": "application/octet-stream" }).end(content)

const files: Readonly<Record<string, RequestListener>> = {
  7: send(JSON.stringify(card)),
  8: send(JSON.stringify(workflow)),
  9: send("no gnome\n".repeat(9)),
  10: (_, response) => response.writeHead(404).end(),
  11: send("never asked for"),
}

/** A forum of one topic: two posts that attach the same card, a workflow, a file that is neither, one that is gone, an archive. */
async function crawledForum(t: TestContext, collect: readonly Collectable[]) {
  const routes = phpbbRoutes({
    3: phpbbThread(3, [
      { id: 30, text: `My gnome. ${file(7, "gustav.json")}` },
      { id: 31, text: `Again. ${file(7, "gustav.json")} ${file(8, "workflow.json")}` },
      { id: 32, text: `${file(9, "list.json")} ${file(10, "gone.charx")} ${file(11, "pictures.zip")}` },
      { id: 33, text: `Elsewhere: <a class="postlink" href="http://elsewhere.example/card.json">card.json</a>` },
    ]),
  })
  const asked: string[] = []
  const server = await startHostileServer({
    routes: {
      ...routes,
      "/robots.txt": (_, response) => response.writeHead(404).end(),
      "/download/file.php": (request, response) => {
        const id = new URL(request.url!, "http://gnomes.invalid").searchParams.get("id") ?? ""
        asked.push(id)
        files[id]!(request, response)
      },
    },
  })
  const socks = await startSocksServer({ hosts: new Map([[onion, server.port]]) })
  const home = mkdtempSync(join(tmpdir(), "watchline-attachments-"))
  t.after(async () => {
    await socks.stop()
    await server.close()
    rmSync(home, { recursive: true, force: true })
  })
  await prepareWorkspace(home, { socks }, 3_600_000, quickSettings(socks), collect)
  return withSystem(home, { socks }, async (system) => {
    const context = { output: openOutput("json"), signal: new AbortController().signal }
    await crawlAll(system, context, { forums: [], once: true })
    for (const { dead } of await workStages(system, context, { stages: [], once: true })) assert.equal(dead, 0)
    const attachments = await Array.fromAsync(system.findings.attachments({}))
    const sealed = attachments.flatMap(({ id, card }) => (card?.sealed ? [{ recordId: id, sealed: card.sealed }] : []))
    return {
      home,
      asked,
      attachments,
      opened: await system.vault.open(sealed, { actor: "kim", reason: "a test" }),
      visits: (await system.eventLog.read("visits", 100)).map(
        ({ value }) => value as { attachmentFailures?: object[] },
      ),
      tally: await system.findings.tally({}),
      cards: await system.findings.trend("character-card", "month", "none", {}),
      models: await artefacts(system.findings, {}),
      hosts: new Set(socks.connections.map(({ host }) => host)),
    }
  })
}

test("attached cards and workflows are known by digests and traces; their words rest sealed or nowhere", async (t) => {
  const found = await crawledForum(t, ["posts", "text", "fingerprints", "attachments"])
  const forms = found.attachments.map(({ form, url }) => `${form} ${new URL(url).searchParams.get("id")}`).sort()
  assert.deepEqual(forms, ["character-card 7", "character-card 7", "other 9", "workflow 8"])
  assert.deepEqual([...new Set(found.asked)].sort(), ["10", "7", "8", "9"])
  assert.deepEqual(found.cards, [{ bucket: "2026-05", group: "", count: 2 }])
  const [model] = found.models.filter(({ id }) => id === "checkpoint:gnome-xl")
  assert.deepEqual([model?.posts, model?.kind], [1, "checkpoint"])
  assert.equal(found.tally.sightings, 0, "an attachment is no image")
  assert.deepEqual(
    found.visits.flatMap(({ attachmentFailures = [] }) =>
      attachmentFailures.map((one) => (one as { error: string }).error),
    ),
    ["mandate_out_of_scope", "http_refused"].sort(),
  )
  assert.deepEqual([...found.hosts], [onion])
  assert.equal(found.opened.length, 2)
  for (const content of found.opened) {
    assert.ok(!(content instanceof Error))
    assert.equal(content!.title, "Gustav")
    assert.ok(content!.text.includes(words))
  }
  const { hits } = searchResidue([found.home], [textNeedle("a card's words", words), textNeedle("a picture", inside)])
  assert.deepEqual(hits, [])
})

test("a mandate that does not name attachments lets none be fetched; one without text lets no word of a card be kept", async (t) => {
  const without = await crawledForum(t, ["posts", "text", "fingerprints"])
  assert.deepEqual([without.asked, without.attachments], [[], []])
  const untold = await crawledForum(t, ["posts", "attachments"])
  assert.equal(untold.cards[0]?.count, 2)
  assert.deepEqual(untold.opened, [])
})
