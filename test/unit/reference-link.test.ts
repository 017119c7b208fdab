import assert from "node:assert/strict"
import { test } from "node:test"
import { textReader } from "../../classifiers/text-reader.ts"
import { phpbb } from "../../crawlers/forums/phpbb.ts"
import { referenceLink } from "../../crawlers/forums/reference-link.ts"
import { withoutKeys } from "../../crawlers/without-keys.ts"

const hash = "c9e15763f722f23e98a29decdfae341b98d53056"

test("a magnet keeps its topic and name, an old MEGA link its id and never its key", () => {
  const written = `magnet:?xt=urn:btih:${hash}&dn=gnomes&tr=udp%3A%2F%2Ftracker.example.org%3A1337&xl=12`
  assert.equal(referenceLink(written), `magnet:?xt=urn:btih:${hash}&dn=gnomes`)
  assert.equal(referenceLink("https://mega.nz/#!AbCdEf12!gnomekey"), "https://mega.nz/file/AbCdEf12")
  assert.equal(referenceLink("https://mega.nz/#F!AbCdEf12!gnomekey"), "https://mega.nz/folder/AbCdEf12")
  assert.equal(referenceLink("https://civitai.com/models/12"), undefined)
  assert.equal(referenceLink("javascript:alert(1)"), undefined)
  assert.equal(referenceLink(undefined), undefined)
})

test("magnets and old MEGA links behind other words in a post are kept with it and read as artefacts", () => {
  const post = `<div class="post has-profile" id="p1"><dl class="postprofile" id="profile1"><dt><a class="username" href="#">Wren</a></dt></dl>
    <div class="postbody"><p class="author"><time datetime="2026-05-01T08:00:00+00:00"></time></p><div class="content">
    <a href="magnet:?xt=urn:btih:${hash}&amp;dn=gnomes&amp;tr=x">here</a> or <a href="https://mega.nz/#!AbCdEf12!gnomekey">there</a></div></div></div>`
  const html = `<body id="phpbb"><h2 class="topic-title"><a href="viewtopic.php?t=1">Gnomes</a></h2>${post}</body>`
  const page = phpbb.parse({ url: "http://gnomes.test/viewtopic.php?t=1", html, timeZone: "UTC", now: 0 })
  const { links, text } = page.posts[0]!
  assert.deepEqual(links, [`magnet:?xt=urn:btih:${hash}&dn=gnomes`, "https://mega.nz/file/AbCdEf12"])
  assert.ok(!JSON.stringify(page.posts).includes("gnomekey"))
  assert.deepEqual(
    textReader.read(text, links).artefacts.map(({ id }) => id),
    [`bittorrent:btih:${hash}`, "mega:file:AbCdEf12"],
  )
})

test("the keys of MEGA links leave a post's text before it is sealed; the links stay what they are", () => {
  const key = "gnomekeygnomekeygnomekey"
  const links = [
    `https://mega.nz/file/AbCdEf12#${key}`,
    `mega[.]nz/folder/AbCdEf12#${key}`,
    `mega dot nz / file / AbCdEf12#${key}`,
    `https://mega.nz/#!AbCdEf12!${key}`,
    `https://mega.co.nz/#F!AbCdEf12!${key}`,
  ]
  for (const link of links) {
    const text = withoutKeys(`two gnomes: ${link}, enjoy`)
    assert.ok(!text.includes(key), link)
    assert.match(textReader.read(text, []).artefacts[0]!.id, /^mega:(?:file|folder):AbCdEf12$/, link)
  }
  const other = "a mega gnome #gardening https://example.org/file/AbCdEf12#chapter-of-the-pond"
  assert.equal(withoutKeys(other), other)
})
