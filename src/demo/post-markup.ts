import { escapeHtml } from "./escape-html.ts"
import { dateText, timeHtml } from "./forum-time.ts"
import type { Block, PlannedAuthor, PlannedFile, PlannedImage, PlannedPost, Run } from "./planned-forum.ts"

/** Makes an attribute's value of a relative address, with the session parameter where the visitor has no cookie. */
export type Linker = (address: string) => string

/** What a post's markup needs to know beside the post. */
interface PostWorld {
  readonly link: Linker
  readonly title: string
  readonly board: number
  readonly authors: ReadonlyMap<number, PlannedAuthor>
  readonly images: ReadonlyMap<number, PlannedImage>
  readonly sizeOf: (image: number) => number
  readonly files: readonly PlannedFile[]
}

const smileyFiles: Readonly<Record<string, readonly [file: string, says: string]>> = {
  ":)": ["icon_e_smile.gif", "Smile"],
  ":D": ["icon_e_biggrin.gif", "Very Happy"],
  ";)": ["icon_e_wink.gif", "Wink"],
  ":lol:": ["icon_lol.gif", "Laughing"],
  ":thumbup:": ["icon_thumbup.gif", "Thumbs up"],
}

/** One post in the shape of viewtopic_body.html. */
export function postHtml(post: PlannedPost, row: number, world: PostWorld): string {
  const { link } = world
  const author = world.authors.get(post.author)!
  const profile = link(`./memberlist.php?mode=viewprofile&u=${author.id}`)
  const own = link(`./viewtopic.php?p=${post.id}`)
  const subject = escapeHtml(row === 0 ? world.title : `Re: ${world.title}`)
  const inText = new Set(post.blocks.flatMap((block) => (block.kind === "attachment" ? [block.image] : [])))
  const boxed = [
    ...post.images.filter((id) => !inText.has(id)).map((id) => attachmentHtml(id, world)),
    ...world.files.filter((file) => file.post === post.id).map((file) => fileHtml(file, world)),
  ]
  const edited = post.editedAt
    ? `<div class="notice">Last edited by <a href="${profile}" class="username">${escapeHtml(author.name)}</a> on ${dateText(post.editedAt)}, edited 1 time in total.</div>`
    : ""
  const box =
    boxed.length > 0
      ? `<dl class="attachbox"><dt>Attachments</dt>${boxed.map((html) => `<dd>${html}</dd>`).join("")}</dl>`
      : ""
  const signature = author.signature
    ? `<div id="sig${post.id}" class="signature">${author.signature.map((run) => runHtml(run)).join("")}</div>`
    : ""
  return `<div id="p${post.id}" class="post has-profile bg${(row % 2) + 1}"><div class="inner">
<dl class="postprofile" id="profile${post.id}"><dt class="has-profile-rank has-avatar"><div class="avatar-container"><a href="${profile}" class="avatar"><img class="avatar" src="./download/file.php?avatar=${author.id}_1500000000.png" width="90" height="90" alt="User avatar" /></a></div><a href="${profile}" class="username">${escapeHtml(author.name)}</a></dt><dd class="profile-rank">Gnome keeper<br /><img src="./images/ranks/keeper.png" alt="Gnome keeper" title="Gnome keeper" /></dd><dd class="profile-posts"><strong>Posts:</strong> <a href="${link(`./search.php?author_id=${author.id}&sr=posts`)}">${author.id * 3}</a></dd><dd class="profile-joined"><strong>Joined:</strong> ${dateText(author.joined)}</dd></dl>
<div class="postbody"><div id="post_content${post.id}"><h3 ${row === 0 ? 'class="first"' : ""}><a href="${own}#p${post.id}">${subject}</a></h3>
<ul class="post-buttons"><li><a href="${link(`./posting.php?mode=quote&f=${world.board}&p=${post.id}`)}" title="Reply with quote" class="button button-icon-only"><i class="icon fa-quote-left fa-fw" aria-hidden="true"></i><span class="sr-only">Quote</span></a></li></ul>
<p class="author"><a class="unread" href="${own}#p${post.id}" title="Post"><i class="icon fa-file fa-fw icon-lightgray icon-md" aria-hidden="true"></i><span class="sr-only">Post</span></a><span class="responsive-hide">by <strong><a href="${profile}" class="username">${escapeHtml(author.name)}</a></strong> &raquo; </span>${timeHtml(post.at)}</p>
<div class="content">${blocksHtml(post.blocks, world)}</div>
${box}${edited}${signature}
</div></div>
<div class="back2top"><a href="#top" class="top" title="Top"><i class="icon fa-chevron-circle-up fa-fw icon-gray" aria-hidden="true"></i><span class="sr-only">Top</span></a></div>
</div></div>`
}

function blocksHtml(blocks: readonly Block[], world: PostWorld): string {
  return blocks
    .map((block, i) => {
      const followsText = block.kind === "paragraph" && blocks[i - 1]?.kind === "paragraph"
      return (followsText ? "<br /><br />" : "") + blockHtml(block, world)
    })
    .join("\n")
}

function blockHtml(block: Block, world: PostWorld): string {
  switch (block.kind) {
    case "paragraph":
      return block.runs.map(runHtml).join("")
    case "quote": {
      const source = block.post
        ? ` <a href="${world.link(`./viewtopic.php?p=${block.post}`)}#p${block.post}" aria-label="View quoted post" data-post-id="${block.post}"><i class="icon fa-arrow-circle-up fa-fw" aria-hidden="true"></i></a>`
        : ""
      const cite = block.author ? `<cite>${escapeHtml(block.author)} wrote:${source}</cite>` : ""
      return `<blockquote${block.author ? "" : ' class="uncited"'}><div>${cite}${blocksHtml(block.blocks, world)}</div></blockquote>`
    }
    case "code":
      return `<div class="codebox"><p>Code: <a href="#" onclick="selectCode(this); return false;">Select all</a></p><pre><code>${escapeHtml(block.text)}</code></pre></div>`
    case "steps":
      return `<ol style="list-style-type: decimal">${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ol>`
    case "attachment":
      return `<div class="inline-attachment">${attachmentHtml(block.image, world)}</div>`
    case "picture": {
      const source = block.url ? escapeHtml(block.url) : world.link(`./download/file.php?id=${block.image}`)
      return `<img src="${source}" class="postimage" alt="Image">`
    }
  }
}

function runHtml(run: Run): string {
  if ("link" in run) {
    const label = run.label ?? (run.link.length > 55 ? `${run.link.slice(0, 39)} ... ${run.link.slice(-10)}` : run.link)
    return `<a href="${escapeHtml(run.link)}" class="postlink">${escapeHtml(label)}</a>`
  }
  if ("smiley" in run) {
    const [file, says] = smileyFiles[run.smiley]!
    return `<img class="smilies" src="./images/smilies/${file}" width="15" height="17" alt="${escapeHtml(run.smiley)}" title="${says}">`
  }
  const text = escapeHtml(run.text)
  if (run.style === "bold") return `<strong class="text-strong">${text}</strong>`
  return run.style === "italic" ? `<em class="text-italics">${text}</em>` : text
}

/** As attachment.html shows a picture: at full size, or as a thumbnail that links to the file. */
function attachmentHtml(id: number, { link, images, sizeOf }: PostWorld): string {
  const image = images.get(id)!
  const title = escapeHtml(image.title)
  const size = `${(sizeOf(id) / 1024).toFixed(2)} KiB`
  const viewed = `Viewed ${(id * 7) % 90} times`
  const address = `./download/file.php?id=${id}`
  if (image.shown === "thumbnail") {
    return `<dl class="thumbnail"><dt><a href="${link(`${address}&mode=view`)}"><img src="${link(`${address}&t=1`)}" class="postimage" alt="${title}" title="${title} (${size}) ${viewed}" /></a></dt></dl>`
  }
  return `<dl class="file"><dt class="attach-image"><img src="${link(address)}" class="postimage" alt="${title}" onclick="viewableArea(this);" /></dt><dd>${title} (${size}) ${viewed}</dd></dl>`
}

function fileHtml({ id, title }: PlannedFile, { link }: PostWorld): string {
  return `<dl class="file"><dt><i class="icon fa-paperclip fa-fw" aria-hidden="true"></i> <a class="postlink" href="${link(`./download/file.php?id=${id}`)}">${escapeHtml(title)}</a></dt><dd>Downloaded ${id % 90} times</dd></dl>`
}
