import type { VerifierTask } from "../../classifiers/image/c2pa/verifier-worker.ts"

/** Fails in the way that its file's text asks for. */
export default function run({ bytes, started }: VerifierTask): never {
  started.postMessage(true)
  const file = Buffer.from(bytes).toString("latin1")
  if (file.includes("HANG!")) for (;;);
  if (file.includes("EXIT!")) process.exit(7)
  throw new Error("The verifier stumbles.")
}
