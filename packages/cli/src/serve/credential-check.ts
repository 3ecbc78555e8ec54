import {
  credentialRefusal,
  type HttpAnswer,
  offeredToken,
  tokenCheck,
  tokenDigestCheck,
} from "@holdfast/rpc/websocket";
import { OptionFailure, reasonOf } from "../command-line/failure.ts";
import type { AuthSettings } from "./auth-settings.ts";
import { secretOf } from "./secret-of.ts";
import { signedTokenCheck } from "./signed-token.ts";

/** Bytes that a shared secret must have, after blanks around it were taken away. */
const SIGNING_SECRET_MIN_BYTES = 32;

/** Whom the credentials of a handshake are about, where they say; or how it is refused. */
export type CheckedCredentials = { readonly subject: string | undefined } | { readonly refusal: HttpAnswer };

/** Looks at the credentials that a handshake brings. */
export type CredentialCheck = (request: Parameters<typeof offeredToken>[0]) => Promise<CheckedCredentials>;

/**
 * Read the secret that clients must know, or that their tokens must be signed with.
 *
 * @returns undefined where they need none.
 * @throws CommandFailure for a file that can't be read, is not kept from others or holds no secret.
 */
export async function credentialCheck(auth: AuthSettings | undefined): Promise<CredentialCheck | undefined> {
  if (auth === undefined) return undefined;
  if (auth.kind === "signed-bearer-token") return signedCheck(auth);
  const check = "sha256" in auth ? tokenDigestCheck(Buffer.from(auth.sha256, "hex")) : await fileCheck(auth.tokenFile);
  return async (request) => {
    const refusal = check(request);
    return refusal === undefined ? { subject: undefined } : { refusal };
  };
}

async function fileCheck(path: string): Promise<ReturnType<typeof tokenCheck>> {
  const token = await secretOf("ws-token-file", path);
  try {
    return tokenCheck(token);
  } catch (error) {
    throw new OptionFailure("ws-token-file", `websocket auth secret ${path} is no token: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function signedCheck(auth: Extract<AuthSettings, { kind: "signed-bearer-token" }>): Promise<CredentialCheck> {
  const secret = Buffer.from(await secretOf("ws-shared-secret-file", auth.secretFile));
  if (secret.length < SIGNING_SECRET_MIN_BYTES) {
    throw new OptionFailure(
      "ws-shared-secret-file",
      `signed websocket bearer secret ${auth.secretFile} must be at least ${SIGNING_SECRET_MIN_BYTES} bytes`,
    );
  }
  const check = await signedTokenCheck(secret, auth);
  return async (request) => {
    const offered = offeredToken(request);
    if ("refusal" in offered) return offered;
    const verdict = await check(offered.token);
    return "refusal" in verdict ? { refusal: credentialRefusal(verdict.refusal) } : verdict;
  };
}
