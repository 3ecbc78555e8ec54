import { resolve } from "node:path";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";

const ACTIONS = ["serve", "token", "tokens", "revoke"] as const;
type Action = (typeof ACTIONS)[number];

/** Which actions an option is for, where it is not for all. */
const OWNERS: Readonly<Record<string, Action>> = {
  listen: "serve",
  "public-url": "serve",
  "tls-cert": "serve",
  "tls-key": "serve",
  state: "serve",
  nats: "serve",
  "nats-credentials": "serve",
  "allow-plaintext-relay": "serve",
  "log-level": "serve",
  "log-format": "serve",
  role: "token",
  environment: "token",
  name: "token",
  expires: "token",
  json: "tokens",
};

/** `holdfast relay` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const action = actionOf(args);
  const [, name] = args.positionals;
  if (name !== undefined && action !== "revoke") throw new UsageError(`unexpected argument '${name}'`);
  const file = args.text("tokens");
  if (file === undefined || file === "") throw new UsageError("missing --tokens FILE");
  const path = resolve(context.cwd, file);
  switch (action) {
    case "serve":
      return await (await import("./serve.ts")).serve(context, args, path);
    case "token":
      return await (await import("./token.ts")).token(context, args, path);
    case "tokens":
      return await (await import("./tokens.ts")).tokens(context, args, path);
    case "revoke":
      if (name === undefined)
        throw new UsageError("missing argument NAME: which token is to be revoked, by its name or id");
      return await (await import("./revoke.ts")).revoke(context, path, name);
  }
}

function actionOf(args: Arguments): Action {
  const [word = ""] = args.positionals;
  const action = ACTIONS.find((each) => each === word);
  if (action === undefined) throw new UsageError(`'${word}' is none of ${ACTIONS.join(", ")}`);
  for (const name of args.names) {
    const owner = OWNERS[name];
    if (owner !== undefined && owner !== action) throw new UsageError(`--${name} is for ${owner}, not for ${action}`);
  }
  return action;
}
