import { Command } from "commander"
import { WatchlineError } from "../../errors.ts"
import { action, type Context } from "../context.ts"
import { mark } from "../output.ts"

export const indexCommand = () => {
  const index = new Command("index").description("the indices of Elasticsearch")

  index
    .command("status", { isDefault: true })
    .description("what there is: documents, size, shards")
    .addHelpText("after", "\nExample:\n  $ watchline index status")
    .action(
      action(async (context) => {
        const states = await (await indicesOf(context)).state()
        context.output.table(
          ["index", "documents", "MB", "shards"],
          states.map((s) => [s.index, s.documents, (s.bytes / 1e6).toFixed(1), s.shards]),
          "There is no index yet; the first use makes them.",
        )
        await context.output.data({ indices: states })
      }),
    )

  index
    .command("install")
    .description("make indices that are missing, empty")
    .addHelpText("after", "\nExample:\n  $ watchline index install")
    .action(
      action(async (context) => {
        const indices = await indicesOf(context)
        await indices.install()
        context.output.say(`${mark.good} every index is there`)
        await context.output.data({ indices: await indices.state() })
      }),
    )

  index
    .command("migrate <kind...>")
    .description("move documents to new indices, as this version and elastic.shards declare them; work waits meanwhile")
    .addHelpText("after", "\nExample:\n  $ WATCHLINE_ELASTIC_SHARDS=4 watchline index migrate findings sightings")
    .action(
      action(async (context, kinds: string[]) => {
        const indices = await indicesOf(context)
        const migrated = []
        for (const kind of kinds) {
          const { documents: total = 0 } = (await indices.state()).find((state) => state.kind === kind) ?? {}
          const progress = context.output.progress(kind, total)
          const migration = await indices.migrate(kind, (documents) => progress.update(documents))
          progress.stop()
          migrated.push(migration)
          context.output.say(
            `${mark.good} ${migration.kind}: ${migration.documents} documents copied, compared and swapped to ${migration.to}`,
          )
        }
        await context.output.data({ migrated })
      }),
    )
  return index
}

async function indicesOf(context: Context) {
  const { indices } = await context.system()
  if (indices) return indices
  throw new WatchlineError("usage", {
    message: "The index of this workspace is the embedded one, which takes care of itself.",
    remedy: 'Set engines.index to "elastic" to use Elasticsearch.',
  })
}
