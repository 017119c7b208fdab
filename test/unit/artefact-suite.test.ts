import assert from "node:assert/strict"
import { test } from "node:test"
import { textReader } from "../../classifiers/text-reader.ts"
import { hostilePieces } from "../support/artefact-suite/hostile-texts.ts"
import { scoreOf } from "../support/artefact-suite/score.ts"
import { developedSnippets, heldOutSnippets } from "../support/artefact-suite/suite.ts"

const ids = (text: string) => textReader.read(text, []).artefacts.map(({ id }) => id)

test("of the held-out snippets, 99 % of the references are found, 99 % of what is found is one, 98 % of the ids are exact", (t) => {
  const snippets = heldOutSnippets()
  assert.ok(snippets.length >= 1_500)
  assert.ok(snippets.filter(({ ids }) => ids.length === 0).length >= 500)
  assert.ok(snippets.filter(({ disguised }) => disguised).length >= 500)
  const { recall, precision, exact, wrong } = scoreOf(ids, snippets)
  t.diagnostic(`recall ${recall}, precision ${precision}, exact ${exact}`)
  const families = [...new Set(wrong.map(({ snippet }) => snippet.family))].join(", ")
  assert.ok(
    recall >= 0.99 && precision >= 0.99 && exact >= 0.98,
    `recall ${recall}, precision ${precision}, exact ${exact}: ${families}`,
  )
})

test("every snippet that the reader was developed against is read exactly", () => {
  const { wrong } = scoreOf(ids, developedSnippets())
  assert.deepEqual(
    wrong.map(({ snippet, found }) => ({ text: snippet.text, ids: snippet.ids, found })),
    [],
  )
})

test("each disguise that was undone is named with its place in the text as it was written", () => {
  const at = (text: string) =>
    textReader.read(text, []).artefacts[0]!.undone?.map(({ disguise, span }) => [disguise, text.slice(...span)])
  assert.deepEqual(at("see hxxps://civitai[.]com/models/12"), [
    ["hxxp", "hxxp"],
    ["bracket", "[.]"],
  ])
  assert.deepEqual(at("see civi\u200btai dot com/models/12"), [
    ["dot", " dot "],
    ["zero-width", "\u200b"],
  ])
  const encoded = Buffer.from("hxxps://civitai.com/models/12").toString("base64")
  assert.deepEqual(at(`decode ${encoded} please`), [
    ["base64", encoded],
    ["hxxp", encoded],
  ])
  assert.deepEqual(at("look 21/sledom/moc.iativic//:sptth here"), [["reversed", "21/sledom/moc.iativic//:sptth"]])
})

test("the international form of a look-alike host is seen through", () => {
  const ascii = new URL("https://\u0441ivitai.com").hostname
  assert.match(ascii, /^xn--/)
  const [found] = textReader.read(`https://${ascii}/models/12`, []).artefacts
  assert.equal(found!.id, "civitai:model:12")
  assert.equal(found!.disguise, "idn")
})

test("no text of a megabyte takes time that grows faster than its length", () => {
  // An idle core takes less than 200 ms for each (npm run bench -- artefacts); the bound leaves room for a busy one, and backtracking
  // would take minutes.
  for (const piece of hostilePieces) {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length))
    const before = process.cpuUsage()
    textReader.read(text, [])
    const { user, system } = process.cpuUsage(before)
    assert.ok((user + system) / 1000 < 1_500, `${JSON.stringify(piece.slice(0, 30))}: ${(user + system) / 1000} ms`)
  }
})

test("a post of ten megabytes, lone surrogates, overrides and deep quotes are read up to the limit, ids stay well-formed", () => {
  const odd = `${"> ".repeat(5_000)}\ud800<lora:gnome\udc00x:1> \u202ehttps://civitai.com/models/12\u202c \ufffd\0 gnome\u0301_v2.safetensors\n`
  const { artefacts } = textReader.read(odd + "gnome ".repeat(1_700_000), [])
  assert.equal(artefacts.length, 3)
  for (const { id, span } of artefacts) {
    assert.ok(id.isWellFormed())
    assert.ok(span[0] >= 10_000 && span[1] <= odd.length)
  }
})
