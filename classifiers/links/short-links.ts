import { addressScanner } from "./address-scanner.ts"
import { around, modelWords } from "./context-words.ts"
import type { FoundArtefact } from "./found-artefact.ts"

/** Services whose addresses say nothing about where they lead. They are never asked. */
export const shortLinkHosts: readonly string[] =
  "bit.ly bitly.com tinyurl.com tiny.cc tiny.one t.ly is.gd v.gd cutt.ly rb.gy ow.ly goo.gl shorturl.at shorturl.asia buff.ly rebrand.ly bl.ink s.id soo.gd clck.ru vk.cc u.to urlz.fr kutt.it short.gy dub.sh t2m.io qr.ae lnk.to adf.ly ouo.io ouo.press exe.io shrinkme.io bc.vc shorte.st gplinks.co droplink.co linkvertise.com link-to.net link-target.net direct-link.net loot-link.com lootlinks.co lootdest.org work.ink rekonise.com mboost.me sub2unlock.com boost.ink url.cn dwz.cn suo.im".split(
    " ",
  )

const scan = addressScanner(shortLinkHosts)
const contextRadius = 100
const linkLimit = 500

/** Short links where the words around them speak of a model: a post that offers one may hide it behind such an address. */
export function findShortLinks(text: string): FoundArtefact[] {
  const found: FoundArtefact[] = []
  for (const { host, rest, start, end } of scan(text, linkLimit)) {
    const path = rest.split(/[?#]/, 1)[0]!.replace(/\/$/, "")
    if (!/^\/[\w/-]{2,80}$/.test(path) || !modelWords.test(around(text, start, end, contextRadius))) continue
    found.push({ id: `shortlink:${host}${path}`, platform: "shortlink", kind: "short-link", start, end })
  }
  return found
}
