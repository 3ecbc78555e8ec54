import { randomBytes } from "node:crypto";
import type { Bucket } from "./bucket.ts";

const KEY = "secret.signing";
const SECRET_BYTES = 32;

/** The secret that all nodes have in common: of the first one that asks. */
export async function signingSecretOf(bucket: Bucket): Promise<Uint8Array> {
  const there = await bucket.get(KEY);
  if (there.value !== undefined) return readSecret(there.value);
  const made = randomBytes(SECRET_BYTES).toString("base64");
  await bucket.write(KEY, made, there.revision);
  const { value } = await bucket.get(KEY);
  if (value === undefined) throw new Error("the signing secret was deleted while it was made");
  return readSecret(value);
}

function readSecret(value: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(value);
  const secret = Buffer.from(text, "base64");
  if (secret.byteLength !== SECRET_BYTES || secret.toString("base64") !== text) {
    throw new Error(`the signing secret in the bucket is not ${SECRET_BYTES} bytes in base64`);
  }
  return Uint8Array.from(secret);
}
