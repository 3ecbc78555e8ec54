import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { checkOrigin, type ListenWebSocketOptions, tokenCheck } from "@holdfast/rpc/websocket";
import type { Arguments } from "../command-line/arguments.ts";
import { CommandFailure, reasonOf, UsageError } from "../command-line/failure.ts";

const KINDS = ["capability-token"] as const;

/** What a handshake must bring besides being of the right user, and which web pages may make one. */
export interface WebAccess {
  readonly allowedOrigins: NonNullable<ListenWebSocketOptions["allowedOrigins"]>;
  /** Gives the refusal of a handshake without the token. Undefined: no token is asked for. */
  readonly refuse: ReturnType<typeof tokenCheck> | undefined;
}

/**
 * Read `--ws-auth`, `--ws-token-file` and `--allow-origin`.
 *
 * @param cwd - What a relative file is relative to.
 * @throws UsageError for one without those that it needs, or an origin that is none. CommandFailure for a file that holds no token.
 */
export async function webAccess(
  args: Pick<Arguments, "choice" | "text" | "texts">,
  cwd: string,
  listensOn: "stdio" | "websocket",
): Promise<WebAccess> {
  const kind = args.choice("ws-auth", KINDS);
  const file = args.text("ws-token-file");
  const allowedOrigins = args.texts("allow-origin");
  if (listensOn === "stdio" && (kind ?? file ?? allowedOrigins[0]) !== undefined) {
    throw new UsageError("--ws-auth, --ws-token-file and --allow-origin are for --listen ws://…");
  }
  if ((kind === undefined) !== (file === undefined)) {
    throw new UsageError("--ws-auth capability-token and --ws-token-file FILE go together");
  }
  if (file === undefined) {
    if (allowedOrigins.length === 0) return { allowedOrigins, refuse: undefined };
    throw new UsageError(
      "--allow-origin lets web pages run anything as you: add --ws-auth capability-token and --ws-token-file FILE",
    );
  }
  try {
    for (const origin of allowedOrigins) checkOrigin(origin);
  } catch (error) {
    throw new UsageError(`--allow-origin: ${reasonOf(error)}`, { cause: error });
  }
  return { allowedOrigins, refuse: await tokenIn(resolve(cwd, file)) };
}

async function tokenIn(path: string): Promise<ReturnType<typeof tokenCheck>> {
  try {
    return tokenCheck((await readFile(path, "utf8")).trim());
  } catch (error) {
    throw new CommandFailure(`--ws-token-file ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
