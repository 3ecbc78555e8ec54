import { Client, type ClientOptions } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { BIN, testEnvironment } from "./cli.ts";

/** How an MCP client starts a server, as its configuration says it. */
export interface ServerCommand {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What is seen of one call. */
export interface McpAnswer {
  readonly isError: boolean;
  /** Every text of the answer, one after the other. */
  readonly text: string;
}

/** The client of the official SDK, with a `holdfast mcp serve` that it started. */
export interface McpClient extends AsyncDisposable {
  readonly client: Client;
  /** Of the server. */
  readonly pid: number;
  /** What the server wrote to its stderr so far. */
  readonly stderr: () => string;
  call(name: string, args?: Readonly<Record<string, unknown>>): Promise<McpAnswer>;
}

/** What the client is, besides what the SDK takes it to be. */
export interface McpClientOptions extends ClientOptions {
  /** Answers what the server asks the user: with one of its choices, or undefined for none. Default: it can not ask. */
  readonly user?: (message: string) => string | undefined;
}

/** `holdfast mcp serve` with these arguments. */
export function mcpServe(
  args: readonly string[] = [],
  server: Omit<ServerCommand, "command" | "args"> = {},
  options: McpClientOptions = {},
) {
  return mcpClient({ command: process.execPath, args: [BIN, "mcp", "serve", ...args], ...server }, options);
}

export async function mcpClient(
  { command, args = [], env, cwd }: ServerCommand,
  { user, ...options }: McpClientOptions = {},
): Promise<McpClient> {
  const inherited = Object.entries(testEnvironment()).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: { ...Object.fromEntries(inherited), ...env },
    stderr: "pipe",
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stderr = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const capabilities = user === undefined ? {} : { elicitation: { form: {} } };
  const client = new Client({ name: "stranger", version: "1.0.0" }, { capabilities, ...options });
  if (user !== undefined) {
    client.setRequestHandler("elicitation/create", ({ params }) => {
      const choice = user(params.message);
      return choice === undefined ? { action: "decline" } : { action: "accept", content: { choice } };
    });
  }
  await client.connect(transport);
  return {
    client,
    pid: transport.pid ?? 0,
    stderr: () => stderr,
    async call(name, callArgs = {}) {
      const { content, isError = false } = await client.callTool({ name, arguments: { ...callArgs } });
      return {
        isError: isError === true,
        text: content.map((each) => (each.type === "text" ? each.text : "")).join("\n"),
      };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
