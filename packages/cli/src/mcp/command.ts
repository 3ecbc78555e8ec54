import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";
import { ACTIONS, type Action, OWNERS, POSITIONALS } from "./actions.ts";

/** `holdfast mcp` */
export async function run(context: Context, args: Arguments): Promise<number> {
  switch (actionOf(args)) {
    case "serve":
      return await (await import("./serve.ts")).serve(context, args);
    case "list":
      return await (await import("./list.ts")).list(context, args);
    case "call":
      return await (await import("./call.ts")).call(context, args);
    case "login":
      return await (await import("./login.ts")).login(context, args);
    case "logout":
      return await (await import("./login.ts")).logout(context, args);
    case "doctor":
      return await (await import("./doctor.ts")).doctor(context, args);
  }
}

function actionOf(args: Arguments): Action {
  const [word = "", ...rest] = args.positionals;
  const action = ACTIONS.find((each) => each === word);
  if (action === undefined) throw new UsageError(`'${word}' is none of ${ACTIONS.join(", ")}`);
  const extra = rest[POSITIONALS[action]];
  if (extra !== undefined) throw new UsageError(`unexpected argument '${extra}'`);
  for (const name of args.names) {
    const owners = OWNERS[name];
    if (owners !== undefined && !owners.includes(action)) {
      throw new UsageError(`--${name} is for ${owners.join(" and ")}, not for ${action}`);
    }
  }
  if (args.texts("folder").length > 0 && !args.has("environments")) {
    throw new UsageError("--folder goes with --environments; --cwd is the working folder without");
  }
  return action;
}
