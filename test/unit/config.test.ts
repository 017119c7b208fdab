import assert from "node:assert/strict"
import { test } from "node:test"
import { configTemplate, parseConfig, settings } from "../../src/config.ts"
import { WatchlineError } from "../../src/errors.ts"

const refusal = (text: string, env = {}): WatchlineError => {
  try {
    parseConfig(text, env)
  } catch (error) {
    assert.ok(error instanceof WatchlineError)
    assert.equal(error.code, "config_invalid")
    return error
  }
  assert.fail("was accepted")
}

test("an empty file means all defaults", () => {
  const config = parseConfig("", {})
  assert.equal(config.crawl.delayMs, 500)
  assert.equal(config.tor.socks, "")
})

test("the file that init writes is valid and changes nothing but the organisation's name", () => {
  const config = parseConfig(configTemplate("Gnome Office"), {})
  assert.deepEqual(config, { ...parseConfig("", {}), organisation: { name: "Gnome Office" } })
})

test("the environment wins over the file", () => {
  const config = parseConfig("[crawl]\ndelayMs = 5", {
    WATCHLINE_CRAWL_DELAY_MS: "7",
    WATCHLINE_TOR_SOCKS: "127.0.0.1:9050",
  })
  assert.equal(config.crawl.delayMs, 7)
  assert.equal(config.tor.socks, "127.0.0.1:9050")
})

test("an unknown key is refused with the nearest valid name", () => {
  assert.match(refusal("[crawl]\ndelaMs = 5").remedy ?? "", /crawl\.delayMs/)
  assert.match(refusal("[crwl]\ndelayMs = 5").remedy ?? "", /"crawl"/)
  assert.match(refusal("", { WATCHLINE_CRAWL_DELAYMS: "5" }).remedy ?? "", /WATCHLINE_CRAWL_DELAY_MS/)
})

test("a value out of bounds is refused with its key and meaning", () => {
  const error = refusal("[crawl]\npages = 900")
  assert.match(error.message, /crawl\.pages/)
  assert.match(error.remedy ?? "", /in flight/)
  assert.match(refusal("", { WATCHLINE_CRAWL_PAGES: "many" }).message, /crawl\.pages/)
})

test("broken TOML is refused with its line", () => {
  assert.match(refusal("[crawl\ndelayMs = 5").message, /line 1/)
})

test("every setting has a meaning and its own variable", () => {
  assert.equal(new Set(settings.map((s) => s.variable)).size, settings.length)
  for (const setting of settings) assert.ok(setting.description.length > 5, `${setting.section}.${setting.key}`)
})
