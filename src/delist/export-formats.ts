import { createHash } from "node:crypto"
import type { SignedList } from "../model/list-version.ts"

export interface ListFormat {
  readonly says: string
  /** What somebody must know who hands this form on. */
  readonly caveat?: string
  /** The file's content, ending with a line feed unless it is empty. */
  write(signed: SignedList): string
}

/** The forms in which a list goes out. Only `json` carries the signature; the others are for recipients that read nothing else. */
export const exportFormats = {
  json: {
    says: "the signed list as it was published",
    write: (signed) => `${JSON.stringify(signed, null, 2)}\n`,
  },
  text: {
    says: "one canonical address a line",
    caveat: "It is not signed, and it names the addresses: hand it only to those who may have them.",
    write: ({ list }) => lines(list.entries.map((entry) => entry.url)),
  },
  hashes: {
    says: "SHA-256 of one canonical expression a line, hexadecimal",
    caveat: "It is not signed.",
    write: ({ list }) => lines(list.entries.map((entry) => entry.hash)),
  },
  ahmia: {
    says: "MD5 of one onion host a line, as ahmia.fi publishes its own",
    caveat:
      "It is not signed and knows no pages: a host with one listed page is removed as a whole. Other hosts than v3 onion services are left out.",
    write: ({ list }) =>
      lines(
        list.entries
          .flatMap((entry) => onionService(entry.url) ?? [])
          .map((host) => createHash("md5").update(host).digest("hex")),
      ),
  },
} as const satisfies Record<string, ListFormat>

/** The service itself, without sub-domains: its 56 characters and `.onion`. */
function onionService(url: string): string | undefined {
  return /(?:^|\.)([a-z2-7]{56}\.onion)$/.exec(URL.parse(url)?.hostname ?? "")?.[1]
}

function lines(values: readonly string[]): string {
  return [...new Set(values)]
    .sort()
    .map((value) => `${value}\n`)
    .join("")
}
