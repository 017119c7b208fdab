import type { Forum } from "../../model/forum.ts"
import type { SignedMandate } from "../../model/mandate.ts"
import type { Id } from "../../model/record.ts"
import type { Forums, Mandates } from "../../ports/registry.ts"
import type { CaseFile } from "./case-file.ts"

/** A mandate that is added again takes the new signature, so that a change of key needs no new mandate. */
export class ElasticMandates implements Mandates {
  readonly #file: CaseFile

  constructor(file: CaseFile) {
    this.#file = file
  }

  async add(id: Id, signed: SignedMandate): Promise<void> {
    await this.#file.put("mandate", id, { id, signed })
  }

  async get(id: Id): Promise<SignedMandate | undefined> {
    return (await this.#file.get<{ signed: SignedMandate }>("mandate", id))?.signed
  }

  async list(): Promise<{ id: Id; signed: SignedMandate }[]> {
    return this.#file.list("mandate")
  }
}

export class ElasticForums implements Forums {
  readonly #file: CaseFile

  constructor(file: CaseFile) {
    this.#file = file
  }

  async put(forum: Forum): Promise<void> {
    await this.#file.put("forum", forum.id, forum)
  }

  async get(id: string): Promise<Forum | undefined> {
    return this.#file.get("forum", id)
  }

  async list(): Promise<Forum[]> {
    const forums = await this.#file.list<Forum>("forum")
    return forums.sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}
