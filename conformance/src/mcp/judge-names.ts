import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LONG_MODEL_TOOL_NAME_MAX_BYTES, MODEL_TOOL_NAME_MAX_BYTES, modelToolNames } from "@holdfast/mcp";
import { isAtLeast, type Release } from "@holdfast/reference-peer";
import { type ConversationItem, startMockModel } from "../mock-model.ts";
import { mockModelConfig } from "../mock-model-config.ts";
import { runRelease } from "./run-release.ts";

const TOOLS_SERVER = fileURLToPath(new URL("tools-server.mjs", import.meta.url));
/** The release since which names may be longer, and names of servers have more characters. */
const LONG_NAMES_SINCE = "0.169.0";

/** Tools by the names of their servers. */
export type ToolSet = Readonly<Record<string, readonly string[]>>;

/** Compare the names that a release puts before a model with ours. @returns those that only one of the two has. */
export async function judgeNames(release: Release, home: string, tools: ToolSet): Promise<readonly string[]> {
  const theirs = await theirNames(release, home, tools);
  const ours = ourNames(tools, maxBytesOf(release));
  return [
    ...theirs.filter((name) => !ours.includes(name)).map((name) => `the release alone has ${name}`),
    ...ours.filter((name) => !theirs.includes(name)).map((name) => `we alone have ${name}`),
  ];
}

/** Bytes of a name in a release. */
export function maxBytesOf({ version }: Release): number {
  return isAtLeast(version, LONG_NAMES_SINCE) ? LONG_MODEL_TOOL_NAME_MAX_BYTES : MODEL_TOOL_NAME_MAX_BYTES;
}

function ourNames(tools: ToolSet, maxBytes: number): readonly string[] {
  const raw = Object.entries(tools).flatMap(([server, names]) => names.map((tool) => ({ server, tool })));
  return [...modelToolNames(raw, { maxBytes }).values()].map(({ namespace, name }) => `${namespace}.${name}`);
}

async function theirNames(release: Release, home: string, tools: ToolSet): Promise<readonly string[]> {
  await using model = await startMockModel([]);
  const tables = Object.entries(tools).map(([server, names]) => serverTable(server, names));
  await writeFile(join(home, "config.toml"), mockModelConfig(model, "", tables.join("")));
  const { output } = await runRelease(release, home, ["exec", "--skip-git-repo-check", "-C", home, "hi"]);
  const [request] = model.requests;
  if (request === undefined) throw new Error(`codex ${release.version} asked no model: ${output}`);
  return request.tools.flatMap((each) => (String(each.name).startsWith("mcp__") ? namesIn(each) : []));
}

function namesIn(namespace: ConversationItem): readonly string[] {
  const tools = namespace.tools as readonly { readonly name: string }[];
  return tools.map(({ name }) => `${namespace.name}.${name}`);
}

function serverTable(server: string, names: readonly string[]): string {
  const key = JSON.stringify(server);
  const command = `command = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(TOOLS_SERVER)}]`;
  const variable = `TOOLS = ${JSON.stringify(JSON.stringify(names))}`;
  return `[mcp_servers.${key}]\n${command}\n[mcp_servers.${key}.env]\n${variable}\n`;
}
