/**
 * Hand-set weights of the guide score, to be replaced by fitted ones. The score is 1 / (1 + e^-z), z the sum of weight times feature
 * (each 0 to 1) plus `base`. `structure-with-tooling` carries nearly all: neither structure nor tooling alone can bring z above 0.
 */
export const guideWeights = {
  version: "guide-weights@1",
  base: -5,
  features: {
    "structure-with-tooling": 8,
    "ordered-steps": 0.8,
    "imperative-openings": 0.5,
    "parameter-settings": 0.8,
    "tool-vocabulary": 0.4,
    "code-blocks": 0.4,
    headings: 0.3,
    length: 0.7,
    questions: -2.2,
    chatter: -2,
    "too-short": -1.5,
  },
} as const

export type GuideFeature = keyof (typeof guideWeights)["features"]
