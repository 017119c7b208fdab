import { openManagedTor } from "../../crawlers/tor/managed-tor.ts"

/** A process of its own that opens a managed tor, says whether it owns it, and waits to be killed. Arguments: directory, lines as JSON. */
const [directory = "", lines = "[]"] = process.argv.slice(2)
const tor = await openManagedTor({ directory, extraLines: JSON.parse(lines) })
process.stdout.write(`${JSON.stringify({ pid: tor.pid, owned: tor.owned })}\n`)
await tor.ended
