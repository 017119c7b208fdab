import { crc32 } from "node:zlib"
import type { PlannedFile, PostSlot } from "./planned-forum.ts"
import { seeded } from "./seeded-random.ts"

/** Attachment ids of files, apart from those of pictures. */
const firstFile = 9001

/** Two characters that are handed over as files: a card of version 3 as JSON, and one of version 2 in an archive. */
export function planFiles(seed: number, slots: readonly PostSlot[]): PlannedFile[] {
  const random = seeded(seed, "files")
  const [first, second] = random.shuffle(slots)
  return [
    { id: firstFile, post: first!.id, title: "gustav-the-gnome.json", form: "json" },
    { id: firstFile + 1, post: second!.id, title: "hedwig-the-snail.charx", form: "charx" },
  ]
}

export function cardFile({ title, form }: PlannedFile): Buffer {
  const name = title.slice(0, title.lastIndexOf("."))
  const version = form === "json" ? "3" : "2"
  const card = {
    spec: `chara_card_v${version}`,
    spec_version: `${version}.0`,
    data: {
      name,
      description: `${name} keeps the south bed and counts the snails at dusk.`,
      personality: "earthy, patient",
      scenario: "A garden after the rain.",
      first_mes: "Good evening. The ferns are up.",
      mes_example: "",
    },
  }
  const json = Buffer.from(JSON.stringify(card))
  return form === "json" ? json : archiveOf("card.json", json)
}

/** A zip archive of one stored entry (APPNOTE 4.3). */
function archiveOf(name: string, content: Buffer): Buffer {
  const title = Buffer.from(name)
  const about = Buffer.alloc(26)
  about.writeUInt16LE(20, 0)
  about.writeUInt32LE(crc32(content), 10)
  about.writeUInt32LE(content.length, 14)
  about.writeUInt32LE(content.length, 18)
  about.writeUInt16LE(title.length, 22)
  const entry = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), about, title, content])
  const listed = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), about, Buffer.alloc(14), title])
  const end = Buffer.alloc(22)
  end.write("PK\x05\x06", 0, "latin1")
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(entry.length, 16)
  return Buffer.concat([entry, listed, end])
}
