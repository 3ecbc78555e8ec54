import { resolve } from "node:path";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { UsageError } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { SANDBOX_MODES } from "./agent-request.ts";
import { configOverrides } from "./config-override.ts";
import type { AgentPlace } from "./open-agent.ts";
import { outputSchema } from "./output-schema.ts";
import { printJson, printText } from "./print-events.ts";
import { promptOf } from "./prompt.ts";
import { work } from "./work.ts";

/** `holdfast agent` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const place = placeOf(args);
  const schema = args.text("output-schema");
  const request = {
    images: args.texts("image").map((path) => resolve(context.cwd, path)),
    outputSchema: schema === undefined ? undefined : await outputSchema(context, schema),
    threadId: args.text("resume"),
    model: args.text("model"),
    sandbox: args.choice("sandbox", SANDBOX_MODES),
    // Elsewhere it is a folder there.
    cwd: place === undefined ? context.cwd : args.text("folder"),
    config: configOverrides(args.texts("config")),
    threadSource: undefined,
    isEphemeral: args.has("ephemeral"),
    prompt: await promptOf(args.positionals[0], () => context.stdin),
  };
  const print = args.has("json") ? printJson(context) : printText(context);
  const warn = (line: string): void => void context.stderr.write(printableLines(`holdfast agent: ${line}\n`));
  return await work(context, request, { place, clientName: "holdfast-agent", warn }, print);
}

function placeOf(args: Arguments): AgentPlace | undefined {
  const url = args.text("url");
  const environment = args.text("environment");
  if (url !== undefined && environment !== undefined) throw new UsageError("give --url or --environment, not both");
  if (args.text("folder") !== undefined && url === undefined && environment === undefined) {
    throw new UsageError("--folder is a folder of another machine: on this one it is --cwd");
  }
  if (url !== undefined) return { url };
  return environment === undefined ? undefined : { environment };
}
