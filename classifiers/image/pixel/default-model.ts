import { fileURLToPath } from "node:url"

/** Manifest of the model that comes along. */
export const defaultPixelModel = fileURLToPath(new URL("../../models/lite0-linear.json", import.meta.url))
