// An agent on two machines: commands, patches and files on either, and an MCP server on each, all of it over one connection to each machine.
//
//   node src/agent-on-two-machines.ts http://127.0.0.1:8080/v1 ws://build:7070 ws://data:7070 "what to do" [server] [server]
//
// The model is anything that speaks the Responses API; the servers are command lines that speak MCP, started where they belong.
import { displayPath, placedSandbox } from "@holdfast/exec-client";
import { McpServers, mcpServer, modelToolNames } from "@holdfast/mcp";
import {
  EnvironmentRegistry,
  execTools,
  fileTools,
  patchTool,
  RegistryPlaces,
  type ToolPlaces,
  UnifiedExec,
} from "@holdfast/orchestrator";

const [, , model = "", buildUrl = "", dataUrl = "", task = "", ...commandLines] = process.argv;
const [
  buildServer = "npx -y @modelcontextprotocol/server-everything",
  dataServer = "npx -y @modelcontextprotocol/server-filesystem .",
] = commandLines;
const MOST_TURNS = 50;

await using registry = new EnvironmentRegistry({
  environments: [
    { id: "build", url: buildUrl },
    { id: "data", url: dataUrl },
  ],
  defaultId: "build",
});

/** Where tools work: in the folder that each executor was started in, and not out of it. */
const places: ToolPlaces = {
  ids: ["build", "data"],
  async at(id = "build", signal) {
    const executor = await registry.require(id).executor(signal);
    const { cwd } = executor.environment;
    if (cwd === undefined) throw new Error(`${id} does not tell its working folder`);
    return { id, executor, cwd, sandbox: placedSandbox("workspace-write", cwd, executor.environment) };
  },
};
await using exec = new UnifiedExec({
  environments: async (id, signal) => ({ ...(await places.at(id, signal)), isRemote: true }),
});

await using servers = new McpServers({ environments: new RegistryPlaces(registry), variables: process.env });
const configured = Object.entries({ build: buildServer, data: dataServer }).map(async ([environmentId, words]) => {
  const [command = "", ...args] = words.split(" ");
  const { cwd } = await places.at(environmentId);
  return mcpServer(`${environmentId}-server`, { environmentId, command, args, cwd: displayPath(cwd) });
});
const manager = await servers.refresh(await Promise.all(configured));
for (const { serverName, error } of (await manager.started()).failed) console.error(`${serverName}: ${error}`);

/** Everything that the model may call, by the name that it is told. */
interface Callable {
  readonly description: string;
  readonly parameters: unknown;
  call(args: Readonly<Record<string, unknown>>): Promise<{ readonly content: readonly object[] }>;
}
const callables = new Map<string, Callable>();
for (const tool of [...execTools(exec, { environmentIds: places.ids }), patchTool(places), ...fileTools(places)]) {
  const { name, description, inputSchema } = tool;
  callables.set(name, { description, parameters: inputSchema, call: (args) => tool.call(args) });
}
const offered = manager.tools().map(({ serverName, tool }) => ({ server: serverName, tool: tool.name, told: tool }));
for (const [{ server, tool, told }, { namespace, name }] of modelToolNames(offered)) {
  const call = (args: Readonly<Record<string, unknown>>) => manager.callTool(server, tool, args);
  callables.set(`${namespace}__${name}`, { description: told.description ?? tool, parameters: told.inputSchema, call });
}
const tools = [...callables].map(([name, { description, parameters }]) => ({
  type: "function",
  name,
  description,
  parameters,
}));

/** One entry of the conversation, as the Responses API has it. */
interface Item {
  readonly type: string;
  readonly [member: string]: unknown;
}
const input: Item[] = [{ type: "message", role: "user", content: task }];
for (let turn = 0; turn < MOST_TURNS; turn += 1) {
  const answer = await fetch(`${model}/responses`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-5.1-codex", input, tools }),
  });
  if (!answer.ok) throw new Error(`the model answered ${answer.status}: ${await answer.text()}`);
  const { output } = (await answer.json()) as { readonly output: readonly Item[] };
  input.push(...output);
  const calls = output.filter(({ type }) => type === "function_call");
  if (calls.length === 0) {
    console.log(JSON.stringify(output.at(-1)?.content));
    break;
  }
  const results = calls.map(async ({ name, call_id, arguments: text }): Promise<Item> => {
    const made = callables.get(String(name))?.call(JSON.parse(String(text)));
    const result = await made?.catch((error: unknown) => ({ content: [{ type: "text", text: String(error) }] }));
    const shown = JSON.stringify(result?.content ?? `there is no tool ${name}`);
    console.log(`${name}: ${shown.slice(0, 200)}`);
    return { type: "function_call_output", call_id, output: shown };
  });
  input.push(...(await Promise.all(results)));
}
