import type { RequestListener } from "node:http"

export interface SmallPost {
  readonly id: number
  readonly author?: string
  /** HTML, as it stands in the page. */
  readonly text: string
}

const page = (section: string, title: string, body: string) => `<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>${title}</title><!-- phpBB style name: prosilver --></head>
<body id="phpbb" class="section-${section}"><div id="page-header"><h1>Gnomes</h1></div>
<div id="page-body"><a href="./index.php">Board index</a>${body}</div>
<div id="page-footer"><div class="copyright">Powered by <a href="https://www.phpbb.com/">phpBB</a></div></div></body></html>`

/** The board that every small forum has: id 1. */
export const phpbbIndex = () =>
  page(
    "index",
    "Gnomes - Index page",
    `<ul class="topiclist forums"><li class="row"><dl><dt><a href="./viewforum.php?f=1" class="forumtitle">Garden</a></dt></dl></li></ul>`,
  )

/** A board with topics by id, as addresses relative to the forum. */
export const phpbbBoard = (topics: readonly (number | string)[]) =>
  page(
    "viewforum",
    "Garden - Gnomes",
    `<h2 class="forum-title"><a href="./viewforum.php?f=1">Garden</a></h2><ul class="topiclist topics">${topics
      .map((topic) => (typeof topic === "number" ? `./viewtopic.php?t=${topic}` : topic))
      .map((url) => `<li class="row"><dl><dt><a href="${url}" class="topictitle">A gnome</a></dt></dl></li>`)
      .join("")}</ul>`,
  )

export const phpbbThread = (id: number, posts: readonly SmallPost[], more = "") =>
  page(
    "viewtopic",
    `Topic ${id}`,
    `<h2 class="topic-title"><a href="./viewtopic.php?t=${id}">Topic ${id}</a></h2>${posts
      .map(
        (post) => `<div id="p${post.id}" class="post"><div class="inner">
<dl class="postprofile"><dt><a href="./memberlist.php?u=1" class="username">${post.author ?? "Alder"}</a></dt></dl>
<div class="postbody"><p class="author">by <strong><a class="username">${post.author ?? "Alder"}</a></strong> &raquo; <time datetime="2026-05-02T08:15:00+00:00">Sat May 02, 2026 8:15 am</time></p>
<div class="content">${post.text}</div></div></div></div>`,
      )
      .join("\n")}${more}`,
  )

/** A thread of a forum without known software: table rows with a name and a date. */
export const plainThread = (posts: readonly SmallPost[], more = "") =>
  `<!DOCTYPE html><html><head><title>Gnome by the pond</title></head><body><h1>Gnome by the pond</h1>${posts
    .map(
      (
        post,
      ) => `<div id="post${post.id}" class="message"><div class="meta"><a href="/profile?id=2">${post.author ?? "Alder"}</a> <time datetime="2026-05-02T08:15:00Z">2026-05-02 08:15</time></div>
<div class="body"><p>${post.text}</p></div></div>`,
    )
    .join("\n")}${more}</body></html>`

export const plainBoard = (topics: readonly string[]) =>
  `<!DOCTYPE html><html><head><title>Garden</title></head><body><h1>Garden</h1><ul>${topics
    .map((url) => `<li><a href="${url}">A gnome by the pond, number ${url.length}</a> <span>Alder</span></li>`)
    .join("")}</ul></body></html>`

export const sendHtml =
  (body: string | ((query: URLSearchParams) => string | undefined)): RequestListener =>
  (request, response) => {
    const query = new URL(request.url ?? "/", "http://gnomes.invalid").searchParams
    const html = typeof body === "string" ? body : body(query)
    response.writeHead(html === undefined ? 404 : 200, { "content-type": "text/html; charset=utf-8" }).end(html ?? "")
  }

/**
 * Routes of a phpBB-shaped forum for `startHostileServer`: index, one board, and topics by id; a topic that is a listener answers as it
 * likes, one that is a function gives its page by the query.
 */
export function phpbbRoutes(
  topics: Readonly<Record<number, string | RequestListener>>,
  extraTopics: readonly string[] = [],
): Record<string, RequestListener> {
  const index = sendHtml(phpbbIndex())
  return {
    "/robots.txt": (_, response) => response.writeHead(404).end(),
    "/": index,
    "/index.php": index,
    "/viewforum.php": sendHtml(phpbbBoard([...Object.keys(topics).map(Number), ...extraTopics])),
    "/viewtopic.php": (request, response) => {
      const id = Number(new URL(request.url ?? "/", "http://gnomes.invalid").searchParams.get("t"))
      const topic = topics[id]
      if (topic === undefined) response.writeHead(404).end()
      else if (typeof topic === "string") sendHtml(topic)(request, response)
      else topic(request, response)
    },
  }
}
