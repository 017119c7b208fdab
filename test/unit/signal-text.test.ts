import assert from "node:assert/strict"
import { test } from "node:test"
import { signalText } from "../../src/cli/signal-text.ts"

test("signals are said readably, and each of the four facts of Content Credentials by its name", () => {
  assert.equal(
    signalText({
      signals: [
        {
          family: "automatic1111",
          strength: "strong",
          generator: "forge",
          model: "gardenMix_v2",
          modelHash: "c0ffee1234567890",
          loras: ["a", "b", "c", "d"].map((name) => ({ name })),
        },
        { family: "c2pa", strength: "moderate", generator: "adobe", extent: "part" },
      ],
      c2pa: {
        manifests: 1,
        sourceTypes: [],
        signer: "Gnome Press",
        bindingOk: true,
        signatureOk: true,
        chainTrusted: false,
        validAtSigningTime: false,
        trustList: "none",
        reasons: [],
      },
      error: "image_truncated",
    }),
    "strong: forge, by automatic1111 (model gardenMix_v2 c0ffee123456, LoRA a + b + c + 1 more); " +
      "moderate: adobe, by c2pa (a part of the picture); " +
      "credentials of Gnome Press: bound to this file, signed, no trust list, not shown to be valid when signed; image_truncated",
  )
  assert.equal(signalText({ signals: [] }), "")
})
