import { escapeHtml } from "./escape-html.ts"
import { timeHtml } from "./forum-time.ts"
import type { ForumPlan, PlannedBoard, PlannedPost, PlannedThread } from "./planned-forum.ts"
import { type Linker, postHtml } from "./post-markup.ts"

const POSTS_PER_PAGE = 10
const THREADS_PER_PAGE = 10
/** Id of the category that holds the boards; its page lists them again. */
const CATEGORY = 1

/** Pages in the shape of phpBB 3.3's prosilver style; looked up by the plan's ids, undefined where there is no such thing. */
export interface ForumPages {
  index(link: Linker): string
  board(id: number, start: number, link: Linker): string | undefined
  thread(id: number, start: number, link: Linker): string | undefined
  /** The page of a thread that holds a post. */
  placeOf(post: number): { readonly thread: number; readonly start: number } | undefined
  /** What members-only pages answer to guests. */
  logIn(link: Linker): string
  missing(link: Linker): string
}

/** @param sizeOf length in bytes of an attachment, by id */
export function forumPages(plan: ForumPlan, sizeOf: (image: number) => number): ForumPages {
  const posts = new Map(plan.posts.map((post) => [post.id, post]))
  const authors = new Map(plan.authors.map((author) => [author.id, author]))
  const images = new Map(plan.images.map((image) => [image.id, image]))
  const threads = new Map(plan.threads.map((thread) => [thread.id, thread]))
  const lastOf = (thread: PlannedThread) => posts.get(thread.posts.at(-1)!)!
  const threadsOf = (board: number) =>
    plan.threads
      .filter((thread) => thread.board === board)
      .sort((left, right) => Number(right.sticky) - Number(left.sticky) || lastOf(right).at - lastOf(left).at)
  const by = (author: number, link: Linker) =>
    `<a href="${link(`./memberlist.php?mode=viewprofile&u=${author}`)}" class="username">${escapeHtml(authors.get(author)!.name)}</a>`
  const lastPost = (post: PlannedPost, link: Linker) =>
    `<dd class="lastpost"><span><dfn>Last post </dfn>by ${by(post.author, link)} <a href="${link(`./viewtopic.php?p=${post.id}`)}#p${post.id}" title="Go to last post"><i class="icon fa-external-link-square fa-fw icon-lightgray icon-md" aria-hidden="true"></i><span class="sr-only">View the latest post</span></a><br />${timeHtml(post.at)}</span></dd>`
  const threadUrl = (thread: PlannedThread, start = 0) =>
    `./viewtopic.php?f=${thread.board}&t=${thread.id}${start > 0 ? `&start=${start}` : ""}`

  const boardRow = (board: PlannedBoard, link: Linker) => {
    const own = threadsOf(board.id)
    const last = own.map(lastOf).reduce((latest, post) => (post.at > latest.at ? post : latest))
    const count = own.reduce((sum, thread) => sum + thread.posts.length, 0)
    return `<li class="row"><dl class="row-item forum_read"><dt title="No unread posts"><div class="list-inner"><!-- <a class="feed-icon-forum" title="Feed" href="${link(`./app.php/feed/forum/${board.id}`)}"></a> --><a href="${link(`./viewforum.php?f=${board.id}`)}" class="forumtitle">${escapeHtml(board.name)}</a><br />${escapeHtml(board.about)}<div class="responsive-show" style="display: none;">Topics: <strong>${own.length}</strong></div></div></dt><dd class="topics">${own.length} <dfn>Topics</dfn></dd><dd class="posts">${count} <dfn>Posts</dfn></dd>${lastPost(last, link)}</dl></li>`
  }

  const threadRow = (thread: PlannedThread, row: number, link: Linker) => {
    const first = posts.get(thread.posts[0]!)!
    const pages = Math.ceil(thread.posts.length / POSTS_PER_PAGE)
    const jump = Array.from({ length: pages }, (_, page) => {
      const address = link(threadUrl(thread, page * POSTS_PER_PAGE))
      return `<li><a class="button" href="${address}">${page + 1}</a></li>`
    })
    const clip = thread.posts.some((id) => posts.get(id)!.images.length > 0)
    return `<li class="row bg${(row % 2) + 1}${thread.sticky ? " sticky" : ""}"><dl class="row-item ${thread.sticky ? "sticky_read" : thread.locked ? "topic_read_locked" : "topic_read"}"><dt title="No unread posts"><div class="list-inner"><a href="${link(threadUrl(thread))}" class="topictitle">${escapeHtml(thread.title)}</a><br /><div class="topic-poster responsive-hide left-box">${clip ? '<i class="icon fa-paperclip fa-fw" aria-hidden="true"></i> ' : ""}by ${by(first.author, link)} &raquo; ${timeHtml(first.at)}</div>${pages > 1 ? `<div class="pagination"><span><i class="icon fa-clone fa-fw" aria-hidden="true"></i></span><ul>${jump.join("")}</ul></div>` : ""}</div></dt><dd class="posts">${thread.posts.length - 1} <dfn>Replies</dfn></dd><dd class="views">${thread.posts.length * 37} <dfn>Views</dfn></dd>${lastPost(lastOf(thread), link)}</dl></li>`
  }

  const frame = (link: Linker, section: string, title: string, crumbs: string, body: string) => `<!DOCTYPE html>
<html dir="ltr" lang="en-gb">
<head>
<meta charset="utf-8" />
<meta http-equiv="X-UA-Compatible" content="IE=edge">
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>${escapeHtml(title)}</title>
<link rel="alternate" type="application/atom+xml" title="Feed - ${escapeHtml(plan.name)}" href="${link("./app.php/feed")}">
<!--
	phpBB style name: prosilver
	Based on style:   prosilver (this is the default phpBB3 style)
-->
<link href="./styles/prosilver/theme/stylesheet.css?assets_version=42" rel="stylesheet">
</head>
<body id="phpbb" class="nojs notouch section-${section} ltr ">
<div id="wrap" class="wrap">
<a id="top" class="top-anchor" accesskey="t"></a>
<div id="page-header">
<div class="headerbar" role="banner"><div class="inner"><div id="site-description" class="site-description"><a id="logo" class="logo" href="${link("./index.php")}" title="Board index"><span class="site_logo"></span></a><h1>${escapeHtml(plan.name)}</h1><p>Gnomes, gardens, landscapes</p><p class="skiplink"><a href="#start_here">Skip to content</a></p></div>
<div id="search-box" class="search-box search-header" role="search"><form action="${link("./search.php")}" method="get" id="search"><fieldset><input name="keywords" id="keywords" type="search" maxlength="128" class="inputbox search tiny" size="20" value="" placeholder="Search…" /><a href="${link("./search.php")}" class="button button-search-end" title="Advanced search">Advanced search</a></fieldset></form></div></div></div>
<div class="navbar" role="navigation"><div class="inner"><ul id="nav-main" class="nav-main linklist" role="menubar"><li id="quick-links"><a href="#" class="dropdown-trigger">Quick links</a><div class="dropdown"><ul class="dropdown-contents" role="menu"><li><a href="${link("./search.php?search_id=unanswered")}" role="menuitem">Unanswered topics</a></li><li><a href="${link("./search.php?search_id=active_topics")}" role="menuitem">Active topics</a></li><li><a href="${link("./memberlist.php")}" role="menuitem">Members</a></li></ul></div></li><li><a href="${link("./app.php/help/faq")}" rel="help" role="menuitem">FAQ</a></li><li class="rightside"><a href="${link("./ucp.php?mode=register")}" role="menuitem">Register</a></li><li class="rightside"><a href="${link("./ucp.php?mode=login")}" title="Login" accesskey="x" role="menuitem">Login</a></li></ul>
<ul id="nav-breadcrumbs" class="nav-breadcrumbs linklist navlinks" role="menubar"><li class="breadcrumbs"><span class="crumb"><a href="${link("./index.php")}" accesskey="h" data-navbar-reference="index"><span>Board index</span></a></span>${crumbs}</li></ul></div></div>
</div>
<a id="start_here" class="anchor"></a>
<div id="page-body" class="page-body" role="main">
${body}
</div>
<div id="page-footer" class="page-footer" role="contentinfo"><div class="navbar" role="navigation"><div class="inner"><ul id="nav-footer" class="nav-footer linklist" role="menubar"><li class="breadcrumbs"><a href="${link("./index.php")}">Board index</a></li><li class="rightside">All times are <span title="UTC">UTC</span></li><li class="rightside"><a href="${link("./ucp.php?mode=delete_cookies")}" data-ajax="true">Delete cookies</a></li></ul></div></div>
<div class="copyright"><p class="footer-row"><span class="footer-copyright">Powered by <a href="https://www.phpbb.com/">phpBB</a>&reg; Forum Software &copy; phpBB Limited</span></p></div></div>
</div>
<div><a id="bottom" class="anchor" accesskey="z"></a></div>
</body>
</html>
`
  const crumb = (board: PlannedBoard, link: Linker) =>
    `<span class="crumb"><a href="${link(`./viewforum.php?f=${board.id}`)}"><span>${escapeHtml(board.name)}</span></a></span>`
  const boardOf = (id: number) => plan.boards.find((board) => board.id === id)

  const boardList = (link: Linker) => {
    const rows = plan.boards.map((board) => boardRow(board, link)).join("\n")
    return `<div class="forabg"><div class="inner"><ul class="topiclist"><li class="header"><dl class="row-item"><dt><div class="list-inner"><a href="${link(`./viewforum.php?f=${CATEGORY}`)}">Gnomes and gardens</a></div></dt><dd class="topics">Topics</dd><dd class="posts">Posts</dd><dd class="lastpost"><span>Last post</span></dd></dl></li></ul>
<ul class="topiclist forums">
${rows}
</ul></div></div>
<form method="post" action="${link("./ucp.php?mode=login")}" class="headerspace"><h3><a href="${link("./ucp.php?mode=login")}">Login</a>&nbsp; &bull; &nbsp;<a href="${link("./ucp.php?mode=register")}">Register</a></h3><fieldset class="quick-login"><input type="text" name="username" id="username" class="inputbox" /><input type="password" name="password" id="password" class="inputbox" /><input type="submit" name="login" value="Login" class="button2" /></fieldset></form>
<div class="stat-block statistics"><h3>Statistics</h3><p>Total posts <strong>${plan.posts.length}</strong> &bull; Total topics <strong>${plan.threads.length}</strong> &bull; Total members <strong>${plan.authors.length}</strong></p></div>`
  }

  return {
    index: (link) => frame(link, "index", `${plan.name} - Index page`, "", boardList(link)),

    board(id, start, link) {
      if (id === CATEGORY) return frame(link, "viewforum", `Gnomes and gardens - ${plan.name}`, "", boardList(link))
      const board = boardOf(id)
      const all = threadsOf(id)
      const shown = all.slice(start, start + THREADS_PER_PAGE)
      if (!board || shown.length === 0) return undefined
      const pages = pagination(all.length, THREADS_PER_PAGE, start, (at) =>
        link(`./viewforum.php?f=${id}${at > 0 ? `&start=${at}` : ""}`),
      )
      const bar = `<div class="pagination">${all.length} topics ${pages}</div>`
      const body = `<h2 class="forum-title"><a href="${link(`./viewforum.php?f=${id}`)}">${escapeHtml(board.name)}</a></h2>
<div class="action-bar bar-top"><a href="${link(`./posting.php?mode=post&f=${id}`)}" class="button" title="Post a new topic"><span>New Topic</span> <i class="icon fa-pencil fa-fw" aria-hidden="true"></i></a>${bar}</div>
<div class="forumbg"><div class="inner"><ul class="topiclist"><li class="header"><dl class="row-item"><dt><div class="list-inner">Topics</div></dt><dd class="posts">Replies</dd><dd class="views">Views</dd><dd class="lastpost"><span>Last post</span></dd></dl></li></ul>
<ul class="topiclist topics">
${shown.map((thread, row) => threadRow(thread, row, link)).join("\n")}
</ul></div></div>
<div class="action-bar bar-bottom">${bar}</div>`
      const title = `${board.name}${pageName(start, THREADS_PER_PAGE)} - ${plan.name}`
      return frame(link, "viewforum", title, crumb(board, link), body)
    },

    thread(id, start, link) {
      const thread = threads.get(id)
      const shown = thread?.posts.slice(start, start + POSTS_PER_PAGE) ?? []
      if (!thread || shown.length === 0) return undefined
      const pages = pagination(thread.posts.length, POSTS_PER_PAGE, start, (at) => link(threadUrl(thread, at)))
      const bar = `<div class="pagination">${thread.posts.length} posts ${pages}</div>`
      const world = { link, title: thread.title, board: thread.board, authors, images, sizeOf, files: plan.files }
      const body = `<h2 class="topic-title"><a href="${link(threadUrl(thread))}">${escapeHtml(thread.title)}</a></h2>
<div class="action-bar bar-top"><a href="${link(`./posting.php?mode=reply&f=${thread.board}&t=${id}`)}" class="button" title="${thread.locked ? "Topic locked" : "Post a reply"}"><span>${thread.locked ? "Locked" : "Post Reply"}</span></a>
<div class="dropdown-container dropdown-button-control topic-tools"><div class="dropdown"><ul class="dropdown-contents"><li><a href="${link(`${threadUrl(thread, start)}&view=print`)}" title="Print view" accesskey="p">Print view</a></li></ul></div></div>${bar}</div>
${shown.map((post, row) => postHtml(posts.get(post)!, row, world)).join('\n<hr class="divider" />\n')}
<div class="action-bar bar-bottom">${bar}</div>
<div class="action-bar actions-jump"><p class="jumpbox-return"><a href="${link(`./viewforum.php?f=${thread.board}`)}" class="left-box arrow-left" accesskey="r">Return to board</a></p></div>`
      const title = `${thread.title}${pageName(start, POSTS_PER_PAGE)} - ${plan.name}`
      return frame(link, "viewtopic", title, crumb(boardOf(thread.board)!, link), body)
    },

    placeOf(post) {
      const thread = threads.get(posts.get(post)?.thread ?? -1)
      if (!thread) return undefined
      const index = thread.posts.indexOf(post)
      return { thread: thread.id, start: index - (index % POSTS_PER_PAGE) }
    },

    logIn: (link) =>
      frame(
        link,
        "ucp",
        `${plan.name} - User Control Panel - Login`,
        "",
        `<form action="${link("./ucp.php?mode=login")}" method="post" id="login"><div class="panel"><div class="inner"><div class="content"><h2 class="login-title">You need to login in order to view this page.</h2><fieldset class="fields1"><input type="text" name="username" id="username" class="inputbox" /><input type="password" name="password" id="password" class="inputbox" /><input type="submit" name="login" value="Login" class="button1" /></fieldset></div></div></div></form>`,
      ),

    missing: (link) =>
      frame(
        link,
        "viewtopic",
        `${plan.name} - Information`,
        "",
        `<div class="panel" id="message"><div class="inner"><h2 class="message-title">Information</h2><p>The requested topic does not exist.</p></div></div>`,
      ),
  }
}

function pageName(start: number, size: number): string {
  return start > 0 ? ` - Page ${start / size + 1}` : ""
}

/** All pages up to seven, else the first, the last and those around the current one, as the software shows them. */
function pagination(total: number, size: number, start: number, address: (start: number) => string): string {
  const pages = Math.ceil(total / size)
  const current = start / size
  if (pages < 2) return "&bull; Page <strong>1</strong> of <strong>1</strong>"
  const items: string[] = []
  const arrow = (page: number, rel: "prev" | "next", name: string, icon: string) =>
    `<li class="arrow ${name}"><a class="button button-icon-only" href="${address(page * size)}" rel="${rel}" role="button"><i class="icon fa-chevron-${icon} fa-fw" aria-hidden="true"></i><span class="sr-only">${rel === "next" ? "Next" : "Previous"}</span></a></li>`
  if (current > 0) items.push(arrow(current - 1, "prev", "previous", "left"))
  let gap = false
  for (let page = 0; page < pages; page++) {
    if (pages > 7 && page !== 0 && page !== pages - 1 && Math.abs(page - current) > 1) {
      if (!gap) items.push('<li class="ellipsis" role="separator"><span>…</span></li>')
      gap = true
      continue
    }
    gap = false
    if (page === current) items.push(`<li class="active"><span>${page + 1}</span></li>`)
    else items.push(`<li><a class="button" href="${address(page * size)}" role="button">${page + 1}</a></li>`)
  }
  if (current < pages - 1) items.push(arrow(current + 1, "next", "next", "right"))
  return `<ul>${items.join("")}</ul>`
}
