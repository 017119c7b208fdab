/**
 * Letters of other scripts that look like Latin ones, after Unicode's confusables (UTS 39); only those that forums are full of. Pairs:
 * the foreign letters, the Latin ones in the same order.
 */
const pairs: readonly (readonly [string, string])[] = [
  ["аАвВсСԁеЕɡһНіІїјЈкКӏмМпоОрРԛгѕЅтТυцѵԝхХуУ", "aABBcCdeEghHiIijJkKlmMnoOpPqrsStTuuvwxXyY"],
  ["αΑβΒγεΕηΗιΙκΚνΝοΟρΡτΤυΥχΧωΜΖδ", "aAbByeEnHiIkKvNoOpPtTuYxXwMZd"],
  ["օսոհցզյ", "ounhgqj"],
  ["ıɑɩɪɴʀʏʙʜʟℓꜱᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢ", "iaiinrybhllscdejkmoptuvwz"],
]

const latinOf: ReadonlyMap<string, string> = new Map(
  pairs.flatMap(([foreign, latin]) => Array.from(foreign, (letter, place) => [letter, latin[place]!] as const)),
)

/** The Latin letter that a foreign one looks like. */
export function latinFor(letter: string): string | undefined {
  return latinOf.get(letter)
}

/** Two names with the same skeleton look alike to a hurried reader: `civita1.com`, `сivitai.com` and `civitai.com`. */
export function skeletonOf(name: string): string {
  const latin = Array.from(
    name.normalize("NFKD").replace(/\p{M}+/gu, ""),
    (letter) => latinOf.get(letter) ?? letter,
  ).join("")
  return latin
    .toLowerCase()
    .replace(/[il|]/g, "1")
    .replace(/o/g, "0")
    .replace(/rn/g, "m")
    .replace(/vv/g, "w")
    .replace(/3/g, "e")
    .replace(/[5$]/g, "s")
    .replace(/[@4]/g, "a")
}
