import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { type TestContext, test } from "node:test"
import { load } from "cheerio"
import { planForum } from "../../src/demo/forum-plan.ts"
import { type DemoForum, serveForum } from "../../src/demo/forum-server.ts"
import type { ForumPlan } from "../../src/demo/planned-forum.ts"

const plan = planForum(20261123)

/** Stands in for the pictures: these tests are about pages. */
const names = new Map(plan.images.map(({ name }) => [name, new TextEncoder().encode(name)]))

async function forum(t: TestContext, of: ForumPlan = plan): Promise<DemoForum & { at: (path: string) => string }> {
  const served = await serveForum(of, names)
  t.after(() => served.close())
  return { ...served, at: (path) => new URL(path, `http://127.0.0.1:${served.port}/`).href }
}

test("the demo forum has 4 boards, 60 threads, 900 posts, 40 authors and 400 images over six months", () => {
  assert.equal(plan.boards.length, 4)
  assert.equal(plan.threads.length, 60)
  assert.equal(plan.posts.length, 900)
  assert.equal(plan.images.length, 400)
  assert.equal(new Set(plan.posts.map(({ author }) => author)).size, 40)
  const months = new Set(plan.posts.map(({ at }) => new Date(at).toISOString().slice(0, 7)))
  assert.deepEqual([...months].sort(), ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"])
  assert.deepEqual(new Set(plan.images.map(({ format }) => format)), new Set(["png", "jpeg", "webp"]))
})

test("most threads and every board of the demo forum have several pages", () => {
  assert.ok(plan.threads.filter(({ posts }) => posts.length > 10).length > 40)
  for (const { id } of plan.boards) assert.ok(plan.threads.filter(({ board }) => board === id).length > 10)
  assert.ok(new Set(plan.threads.filter(({ sticky }) => sticky).map(({ board }) => board)).size >= 2)
})

test("the same seed plans the same forum, another seed another one", () => {
  const digest = (of: ForumPlan) => createHash("sha256").update(JSON.stringify(of)).digest("hex")
  assert.equal(digest(planForum(20261123)), digest(plan))
  assert.notEqual(digest(planForum(1)), digest(plan))
})

test("every seed plans a forum of the promised size", () => {
  for (let seed = 0; seed < 12; seed++) {
    const { posts, images, truth, authors } = planForum(seed)
    assert.equal(posts.length, 900)
    assert.equal(truth.total.authors, authors.length)
    assert.equal(truth.total.uniqueFiles, 380)
    assert.equal(truth.total.families, 320)
    assert.equal(truth.total.setAsideByKnownHash, 40)
    assert.equal(truth.total.generatedSightings, 121)
    assert.equal(truth.total.guides, 24)
    assert.equal(new Set(images.map(({ id }) => id)).size, 400)
    assert.equal(new Set(posts.map(({ at }) => at)).size, 900)
  }
})

test("the truth of the months adds up to the truth of the whole", () => {
  const { total, months } = plan.truth
  for (const field of [
    "posts",
    "images",
    "setAsideByKnownHash",
    "generatedSightings",
    "artefactPosts",
    "guides",
  ] as const) {
    const sum = Object.values(months).reduce((count, month) => count + month[field], 0)
    assert.equal(sum, total[field], field)
  }
  for (const month of Object.values(months)) assert.ok(month.posts > 0 && month.images > 0 && month.artefacts > 0)
})

test("a repost comes later than its original", () => {
  const at = new Map(plan.posts.map((post) => [post.id, post.at]))
  const postOf = new Map(plan.images.map((image) => [image.name, image.post]))
  for (const { source, post } of plan.images) {
    if (source) assert.ok(at.get(post)! > at.get(postOf.get(source)!)!)
  }
})

interface Crawled {
  readonly posts: Map<number, { text: string; links: string[] }>
  readonly images: Set<number>
  readonly offSite: Set<string>
}

/** Reads a forum the way a careful crawler does: boards, threads and their pages; own words and own pictures only. */
async function crawl(start: string): Promise<Crawled> {
  const crawled: Crawled = { posts: new Map(), images: new Set(), offSite: new Set() }
  const waiting = [start]
  const known = new Set(waiting)
  for (const url of waiting) {
    const $ = load(await (await fetch(url)).text())
    for (const element of $("a.forumtitle, a.topictitle, .pagination a")) {
      const next = new URL($(element).attr("href")!, url)
      next.searchParams.delete("sid")
      if (next.hostname === new URL(start).hostname && !known.has(next.href)) {
        known.add(next.href)
        waiting.push(next.href)
      }
    }
    for (const element of $("div.post")) {
      const post = $(element)
      const content = post.find(".content")
      content.find("blockquote").remove()
      const links = content.find("a.postlink").map((_, a) => $(a).attr("href")!)
      const shown = post
        .find(".content, .attachbox")
        .find("dl.file img.postimage, dl.thumbnail a, .content > img.postimage")
      for (const picture of shown) {
        const address = new URL($(picture).attr("href") ?? $(picture).attr("src")!, url)
        if (address.hostname !== new URL(start).hostname) crawled.offSite.add(address.href)
        else crawled.images.add(Number(address.searchParams.get("id")))
      }
      crawled.posts.set(Number(post.attr("id")!.slice(1)), { text: content.text(), links: links.get() })
    }
  }
  return crawled
}

test("following links from the index reaches every post, picture, model, guide and off-site picture of the plan", async (t) => {
  const { at, requests } = await forum(t)
  const { posts, images, offSite } = await crawl(at("/"))
  assert.deepEqual(
    [...posts.keys()].sort((a, b) => a - b),
    plan.posts.map(({ id }) => id),
  )
  assert.deepEqual(
    [...images].sort((a, b) => a - b),
    plan.images.map(({ id }) => id),
  )
  assert.deepEqual(offSite, new Set(plan.offSitePictures.map(({ url }) => url)))
  const asked = requests()
  assert.equal(asked.offLimits + asked.decoration + asked.thumbnails + asked.missing, 0)
})

test("each planted model stands in exactly the posts that the truth names", async (t) => {
  const { at } = await forum(t)
  const { posts } = await crawl(at("/"))
  const wordings = new Map<string, RegExp>(
    plan.truth.artefacts.map(({ id }) => {
      const name = id
        .replace(/^\w+:(?:model:|repo:|folder:|btih:)?/, "")
        .replace(/^(\d+)@(\d+)$/, "$1?modelVersionId=$2")
      return [id, new RegExp(`(?<!\\w)${name.replace(/[.?]/g, "\\$&")}(?![\\w?])`)]
    }),
  )
  for (const { id, posts: expected, wordings: written, hidden } of plan.truth.artefacts) {
    const found = [...posts].filter(([, { text, links }]) =>
      hidden ? written.some((wording) => text.includes(wording)) : wordings.get(id)!.test(`${text} ${links.join(" ")}`),
    )
    assert.deepEqual(
      found.map(([post]) => post).sort((a, b) => a - b),
      expected,
      id,
    )
  }
})

test("guides come as lists and as prose, some again with changes; near-misses have no steps", async (t) => {
  const stepsOf = (id: number) =>
    plan.posts.find((post) => post.id === id)!.blocks.filter(({ kind }) => kind === "steps").length
  const { guidePosts, nearMissPosts, total } = plan.truth
  const listed = guidePosts.filter((id) => stepsOf(id) === 1)
  assert.ok(listed.length >= guidePosts.length / 3 && listed.length < guidePosts.length)
  assert.ok(nearMissPosts.every((id) => stepsOf(id) === 0))
  assert.ok(total.guideTexts >= 8 && total.guideTexts < total.guides)
  const { at } = await forum(t)
  const $ = load(await (await fetch(at(`/viewtopic.php?p=${listed[0]}`))).text())
  assert.ok($(`#p${listed[0]} .content > ol > li`).length >= 5)
})

test("a visitor without a cookie gets the session in every link, one with a cookie in none", async (t) => {
  const { at } = await forum(t)
  const first = await fetch(at("/"))
  assert.match(await first.text(), /viewforum\.php\?f=2&amp;sid=[0-9a-f]{32}/)
  const cookie = first.headers.getSetCookie().find((one) => one.startsWith("phpbb3_gnome_sid="))!
  const second = await fetch(at("/"), { headers: { cookie: cookie.split(";")[0]! } })
  assert.doesNotMatch(await second.text(), /sid=/)
})

test("pages are packed for those who can unpack them", async (t) => {
  const { at } = await forum(t)
  const packed = await fetch(at("/"), { headers: { "accept-encoding": "gzip" } })
  assert.equal(packed.headers.get("content-encoding"), "gzip")
  assert.match(await packed.text(), /<body id="phpbb"/)
  const plain = await fetch(at("/"), { headers: { "accept-encoding": "identity" } })
  assert.equal(plain.headers.get("content-encoding"), null)
})

test("pictures come with their true type, whatever name the poster gave them", async (t) => {
  const { at, requests } = await forum(t)
  const lying = plan.images.find(({ format, title }) => format === "jpeg" && title.endsWith(".png"))!
  const answer = await fetch(at(`/download/file.php?id=${lying.id}&mode=view`))
  assert.equal(answer.headers.get("content-type"), "image/jpeg")
  assert.match(answer.headers.get("content-disposition")!, /\.png$/)
  assert.equal(await answer.text(), lying.name)
  await fetch(at(`/download/file.php?id=${lying.id}&t=1`))
  await fetch(at("/ucp.php?mode=login"))
  await fetch(at("/images/smilies/icon_lol.gif"))
  const { images, thumbnails, offLimits, decoration, total } = requests()
  assert.deepEqual(
    { images, thumbnails, offLimits, decoration, total },
    { images: 1, thumbnails: 1, offLimits: 1, decoration: 1, total: 4 },
  )
})

test("what the demo forum does not have is answered with 404", async (t) => {
  const { at, requests } = await forum(t)
  for (const path of [
    "/viewtopic.php?t=1",
    "/viewforum.php?f=99",
    "/viewtopic.php?f=2&t=12&start=900",
    "/download/file.php?id=1",
    "/x",
  ]) {
    assert.equal((await fetch(at(path))).status, 404, path)
  }
  assert.equal(requests().missing, 5)
})
