import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";

const ACTIONS = ["list", "info", "add"] as const;
type Action = (typeof ACTIONS)[number];

/** Which actions an option is for. */
const OWNERS: Readonly<Record<string, readonly Action[]>> = {
  json: ["list", "info"],
  check: ["list"],
  url: ["add"],
  program: ["add"],
  cwd: ["add"],
  env: ["add"],
  "token-file": ["add"],
  "connect-timeout": ["add"],
  "initialize-timeout": ["add"],
  default: ["add"],
};

/** `holdfast env` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const [, id] = args.positionals;
  switch (actionOf(args)) {
    case "list":
      if (id !== undefined) throw new UsageError(`unexpected argument '${id}': env info ${id} looks at one`);
      return await (await import("./list.ts")).list(context, args);
    case "info":
      return await (await import("./info.ts")).info(context, args, id);
    case "add":
      if (id === undefined) throw new UsageError("missing argument ID");
      return await (await import("./add.ts")).add(context, args, id);
  }
}

function actionOf(args: Arguments): Action {
  const [word = ""] = args.positionals;
  const action = ACTIONS.find((each) => each === word);
  if (action === undefined) throw new UsageError(`'${word}' is none of ${ACTIONS.join(", ")}`);
  for (const name of args.names) {
    const owners = OWNERS[name];
    if (owners !== undefined && !owners.includes(action)) {
      throw new UsageError(`--${name} is for ${owners.join(" and ")}, not for ${action}`);
    }
  }
  return action;
}
