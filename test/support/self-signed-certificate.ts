import { generateKeyPairSync, sign } from "node:crypto"
import { der, objectId, pem } from "./der-bytes.ts"

/** A certificate for a name, signed by its own key (RFC 5280, in DER by hand: Node makes keys, not certificates). Both parts are PEM. */
export function selfSignedCertificate(name: string): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const ecdsaSha256 = der(0x30, objectId("2a8648ce3d040302"))
  const subject = der(0x30, der(0x31, der(0x30, objectId("550403"), der(0x0c, Buffer.from(name)))))
  const alternativeName = der(0x30, objectId("551d11"), der(0x04, der(0x30, der(0x82, Buffer.from(name)))))
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ecdsaSha256,
    subject,
    der(0x30, der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231235959Z"))),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, alternativeName)),
  )
  const signature = sign("sha256", body, privateKey)
  const certificate = der(0x30, body, ecdsaSha256, der(0x03, Buffer.of(0), signature))
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: pem(certificate),
  }
}
