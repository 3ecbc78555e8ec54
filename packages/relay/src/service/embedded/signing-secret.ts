import { randomBytes, randomUUID } from "node:crypto";
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const NAME = "signing-secret";
const BYTES = 32;
const MODE = 0o600;
const OTHERS = 0o077;

/**
 * The secret that signs the URLs of sockets, made if it is not there. Whoever removes the file before a start has another one made: executors register again by
 * themselves.
 *
 * @throws Error - It can't be read or made, or others may read it.
 */
export function signingSecretIn(folder: string): Uint8Array {
  const path = join(folder, NAME);
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, randomBytes(BYTES).toString("hex"), { mode: MODE, flag: "wx", flush: true });
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  if ((statSync(path).mode & OTHERS) !== 0) throw new Error(`${path} may be read by others: remove it`);
  const secret = Buffer.from(readFileSync(path, "latin1").trim(), "hex");
  if (secret.length !== BYTES) throw new Error(`${path} has no secret of ${BYTES} bytes: remove it`);
  return secret;
}
