import { textsUnder } from "./carriers.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/** A job number of Hugging Face's hosted spaces: most of what they make is generated, but any picture can pass through them. */
export const huggingFaceJob: ProvenanceReader = {
  family: "hf-job",
  read(metadata) {
    return textsUnder(metadata, "hf-job-id")
      .filter(({ value }) => /^[\w-]{8,100}$/.test(value.trim()))
      .slice(0, 1)
      .map(({ carrier }) => traceOf(this.family, "weak", carrier))
  },
}
