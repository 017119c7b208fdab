import { WatchlineError } from "../../errors.ts"
import type { SignedList } from "../../model/list-version.ts"
import type { ListVersions } from "../../ports/list-versions.ts"
import type { CaseFile } from "./case-file.ts"

/** A version is created under its number, so of two publishers one finds the number taken. */
export class ElasticListVersions implements ListVersions {
  readonly #file: CaseFile

  constructor(file: CaseFile) {
    this.#file = file
  }

  async publish(signed: SignedList): Promise<void> {
    const { sequence } = signed.list
    const follows = sequence === 1 || (await this.get(sequence - 1)) !== undefined
    if (follows && (await this.#file.create("list-version", String(sequence), signed, sequence))) return
    const newest = await this.latest()
    throw new WatchlineError("input_invalid", {
      message: `List version ${sequence} was offered where version ${(newest?.list.sequence ?? 0) + 1} comes next.`,
      remedy: "Build the list again on the newest version, then publish it.",
    })
  }

  async latest(): Promise<SignedList | undefined> {
    return this.#file.last("list-version")
  }

  async get(sequence: number): Promise<SignedList | undefined> {
    return this.#file.get("list-version", String(sequence))
  }
}
