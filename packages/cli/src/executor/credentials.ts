import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type ConnectOptions, isRelayUrl } from "@holdfast/exec-client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf, UsageError } from "../command-line/failure.ts";
import { readSecretFile } from "../secret-file.ts";
import { RELAY_TOKEN_VARIABLE, TOKEN_VARIABLE } from "./credential-options.ts";

const TOKEN_MAX_BYTES = 8_192;
const KEY_MAX_BYTES = 1_048_576;

/** What an executor is shown, and what it must show. */
export type Credentials = Pick<ConnectOptions, "token" | "ca" | "clientCertificate" | "allowPlaintextRelay">;

/**
 * Read the credentials that the arguments and the environment name.
 *
 * @param url - Of the executor that they are for; undefined where there is none.
 * @throws UsageError a certificate without its key. @throws CommandFailure a file can't be read, or one with a secret is not kept from others.
 */
export async function credentialsOf(
  args: Pick<Arguments, "text" | "has">,
  context: Context,
  url: Pick<URL, "protocol"> | undefined,
): Promise<Credentials> {
  const [tokenFile, ca, cert, key] = ["token-file", "ca", "tls-cert", "tls-key"].map((name) => args.text(name));
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("--tls-cert FILE and --tls-key FILE go together");
  }
  const at = (path: string): string => resolve(context.cwd, path);
  return {
    token: tokenFile === undefined ? tokenOfVariable(context.env, url) : await tokenIn(at(tokenFile)),
    ca: ca === undefined ? undefined : await textOf("--ca", at(ca)),
    clientCertificate:
      cert === undefined || key === undefined
        ? undefined
        : { cert: await textOf("--tls-cert", at(cert)), key: await secretIn("--tls-key", at(key), KEY_MAX_BYTES) },
    allowPlaintextRelay: args.has("allow-plaintext-relay") || undefined,
  };
}

function tokenOfVariable(env: Context["env"], url: Pick<URL, "protocol"> | undefined): string | undefined {
  const name = url !== undefined && isRelayUrl(url) ? RELAY_TOKEN_VARIABLE : TOKEN_VARIABLE;
  const token = env[name]?.trim();
  return token === undefined || token === "" ? undefined : checkedToken(name, token);
}

async function tokenIn(path: string): Promise<string> {
  return checkedToken(`--token-file ${path}`, await secretIn("--token-file", path, TOKEN_MAX_BYTES));
}

/** @param source - Where it is from: the token itself is never shown. */
function checkedToken(source: string, token: string): string {
  if (!/[^\x20-\x7e\xa0-\xff]/u.test(token) && token.length <= TOKEN_MAX_BYTES) return token;
  throw new CommandFailure(
    `${source} is no token: one line of at most ${TOKEN_MAX_BYTES} bytes, such as a header can bring`,
  );
}

async function secretIn(option: string, path: string, maxBytes: number): Promise<string> {
  const file = await readSecretFile(path, maxBytes);
  switch (file.kind) {
    case "secret":
      return file.text;
    case "empty":
      throw new CommandFailure(`${option} ${path} is empty`);
    case "exposed":
      throw new CommandFailure(`${option} ${path} ${file.reason}`);
    case "unreadable":
      throw new CommandFailure(`${option} ${path} can't be read: ${file.code}`);
  }
}

async function textOf(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CommandFailure(`${option} ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
