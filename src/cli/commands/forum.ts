import { Command } from "commander"
import { WatchlineError } from "../../errors.ts"
import { canonicalUrl } from "../../model/canonical-url.ts"
import { action } from "../context.ts"
import { mark } from "../output.ts"

export const forumCommand = () => {
  const forum = new Command("forum").description("watched forums: add, detect, list")

  forum
    .command("add")
    .argument("<url>", "where the crawl starts")
    .requiredOption("--mandate <id>", "the mandate that covers it (the first digits are enough)")
    .option("--engine <name>", "the forum's software; detected on every page if left out", "auto")
    .option("--id <name>", "a short name, stable when the forum moves; made from the host if left out")
    .option("--time-zone <zone>", "zone of dates that name none, e.g. Europe/Berlin", "UTC")
    .option("--as <person>", "who registers it")
    .description("register a forum, or its new address")
    .addHelpText("after", "\nExample:\n  $ watchline forum add http://abc…xyz.onion/ --mandate 3f2a91 --id gnomes")
    .action(
      action(
        async (
          context,
          url: string,
          options: { mandate: string; engine: string; id?: string; timeZone: string; as?: string },
        ) => {
          const system = await context.system()
          const added = await system.addForum({ url, ...options, person: context.person(options.as) })
          context.output.say(
            `${mark.good} Forum ${added.id} is registered under mandate ${added.mandate.slice(0, 12)}.`,
          )
          await context.output.data(added)
        },
      ),
    )

  forum
    .command("detect")
    .argument("<url>")
    .option("--mandate <id>", "the mandate that covers it; found by its host if left out")
    .description("fetch one page through Tor and say which software it shows, and by which markers")
    .addHelpText("after", "\nExample:\n  $ watchline forum detect http://abc…xyz.onion/")
    .action(
      action(async (context, url: string, options: { mandate?: string }) => {
        if (!canonicalUrl(url)) {
          throw new WatchlineError("usage", {
            message: `"${url}" is no http address.`,
            remedy: "Write it with http:// or https://.",
          })
        }
        const system = await context.system()
        const found = await system.detectForum(url, options.mandate, context.signal)
        context.output.say(
          found.markers.length > 0
            ? `${found.engine}: ${found.markers.join(", ")}`
            : `No known software: the ${found.engine} parser will be used.`,
        )
        context.output.say(`This page: ${found.kind}, ${found.posts} posts, ${found.links} links to follow.`)
        await context.output.data(found)
      }),
    )

  forum
    .command("list")
    .description("the watched forums and how far their crawl is")
    .addHelpText("after", "\nExample:\n  $ watchline forum list")
    .action(
      action(async (context) => {
        const system = await context.system()
        const rows = []
        for (const f of await system.forums.list()) rows.push({ ...f, pages: await system.frontier.counts(f.id) })
        context.output.table(
          ["forum", "engine", "mandate", "waiting", "visited", "given up", "address"],
          rows.map((f) => [
            f.id,
            f.engine,
            f.mandate.slice(0, 12),
            f.pages.waiting + f.pages.leased,
            f.pages.visited,
            f.pages.failed,
            f.url,
          ]),
          "No forum is registered.",
        )
        if (context.output.mode === "jsonl") for (const row of rows) await context.output.data(row)
        else await context.output.data({ forums: rows })
      }),
    )
  return forum
}
