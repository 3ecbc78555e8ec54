import { text as textOf } from "node:stream/consumers";
import { isMcpError } from "@holdfast/mcp";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_OK, reasonOf, UsageError } from "../command-line/failure.ts";
import { onOneLine, printableJson, printableLines } from "../command-line/printable.ts";
import { Interruption } from "../signals/interruption.ts";
import { namedServer } from "./named-server.ts";
import { openServers } from "./open-servers.ts";
import { serverConfigs } from "./server-configs.ts";

const FROM_STDIN = "-";

type Content = Readonly<Record<string, unknown>> & { readonly type: string };

/** `holdfast mcp call` */
export async function call(context: Context, args: Arguments): Promise<number> {
  const [, serverName, toolName, words] = args.positionals;
  if (serverName === undefined) throw new UsageError("missing argument SERVER");
  if (toolName === undefined) throw new UsageError("missing argument TOOL");
  const toolArguments = await argumentsOf(words, context);
  const config = namedServer(args, await serverConfigs(context, args));
  using interruption = new Interruption("the call was given up");
  const { signal } = interruption;
  const { stderr, stdout } = context;
  const tell = (line: string): void => {
    stderr.write(printableLines(`${serverName}: ${onOneLine(line)}\n`));
  };
  await using opened = await openServers(context, [config], args.has("debug") ? ({ text }) => tell(text) : undefined);
  try {
    const result = await opened.servers.current.callTool(serverName, toolName, toolArguments, {
      signal,
      onProgress: ({ progress, total, message }) => {
        if (stderr.isTTY) tell([progress, ...(total === undefined ? [] : ["of", total]), message ?? ""].join(" "));
      },
    });
    const isFailed = result.isError === true;
    const text = result.content.map((each) => `${shown(each as Content)}\n`).join("");
    if (args.has("json")) stdout.write(printableJson(result));
    else if (isFailed) stderr.write(printableLines(text));
    else stdout.write(printableLines(text));
    return isFailed ? EXIT_FAILURE : EXIT_OK;
  } catch (error) {
    if (!isMcpError(error)) throw error;
    throw new CommandFailure(error.message, { cause: error });
  }
}

/** @throws UsageError - They are no JSON object. */
async function argumentsOf(
  word: string | undefined,
  { stdin }: Context,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (word === undefined) return undefined;
  const text = word === FROM_STDIN ? await textOf(stdin) : word;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`ARGUMENTS must be a JSON object such as '{"path":"."}': ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`ARGUMENTS must be a JSON object such as '{"path":"."}'`);
}

/** What is no text is told by its kind and size; `--json` has all of it. */
function shown(content: Content): string {
  if (typeof content.text === "string") return content.text;
  if (typeof content.uri === "string") return `[${content.type}: ${content.uri}]`;
  const data = typeof content.data === "string" ? `, ${Buffer.byteLength(content.data, "base64")} bytes` : "";
  const kind = typeof content.mimeType === "string" ? content.mimeType : content.type;
  return `[${kind}${data}]`;
}
