import { readFile } from "node:fs/promises";
import { tokenCheck } from "@holdfast/rpc/websocket";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import type { AuthSettings } from "./access-settings.ts";

/** Gives the refusal of a handshake without the credentials that it must bring. */
export type CredentialCheck = ReturnType<typeof tokenCheck>;

/**
 * Read the secret that clients must know.
 *
 * @returns undefined where they need none.
 * @throws CommandFailure for a file that can't be read or holds no secret.
 */
export async function credentialCheck(auth: AuthSettings | undefined): Promise<CredentialCheck | undefined> {
  if (auth === undefined) return undefined;
  try {
    return tokenCheck((await readFile(auth.tokenFile, "utf8")).trim());
  } catch (error) {
    throw new CommandFailure(`--ws-token-file ${auth.tokenFile}: ${reasonOf(error)}`, { cause: error });
  }
}
