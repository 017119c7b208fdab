import type { System } from "../../src/system.ts"

/** All that an analyst can see, in an order that does not depend on when it was written; times of seeing left out. */
export async function everythingFound({ findings, vault }: System) {
  const posts = []
  for await (const { seenAt, sealed, ...post } of findings.posts({})) {
    const [content] = await vault.open([{ recordId: post.id, sealed: sealed! }], {
      actor: "test",
      reason: "comparison",
    })
    posts.push({ ...post, content, mandate: "" })
  }
  const images = []
  for await (const { fingerprint, ...image } of findings.images({})) {
    const { seenAt, mandate, card, ...facts } = fingerprint
    // every sealing of a text looks different; the keyed digests beside it do not
    images.push({ ...image, ...facts, card: card && { ...card, sealed: card.sealed !== undefined } })
  }
  const found = []
  for await (const { seenAt, mandate, ...finding } of findings.findings({})) found.push(finding)
  const clusters = []
  for await (const { firstSeen, ...cluster } of findings.clusters({})) clusters.push(cluster)
  const attachments = []
  for await (const { seenAt, mandate, card, ...attachment } of findings.attachments({}))
    attachments.push({ ...attachment, card: card && { ...card, sealed: card.sealed !== undefined } })
  return { posts, images, found, clusters, attachments, tally: await findings.tally({}) }
}
