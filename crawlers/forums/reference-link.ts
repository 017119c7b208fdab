const magnet = /^magnet:\?/i
const named = /^(?:ipfs:\/\/|ed2k:\/\/\|file\||hf:\/\/)[^\s<>"]{1,1500}$/i
const oldMega = /^https?:\/\/(?:www\.)?mega(?:\.co)?\.nz\/?#(F?)!([\w-]{8})(?![\w-])/i

/**
 * What a link leads to where that is no page: a magnet with its topics and name (not its trackers), an address of a peer network. Nobody
 * follows it. An old MEGA link becomes the new form without its key, whose id would be lost with the fragment.
 *
 * @returns undefined for every other link
 */
export function referenceLink(href: string | undefined): string | undefined {
  const written = href?.trim().slice(0, 2_048) ?? ""
  if (magnet.test(written)) {
    const parts = written
      .slice("magnet:?".length)
      .split("&")
      .filter((part) => /^(?:xt(?:\.\d)?|dn)=/i.test(part))
    return parts.length > 0 ? `magnet:?${parts.join("&")}` : undefined
  }
  const mega = oldMega.exec(written)
  if (mega) return `https://mega.nz/${mega[1] ? "folder" : "file"}/${mega[2]}`
  return named.test(written) ? written : undefined
}
