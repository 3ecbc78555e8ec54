import type { Readable, Writable } from "node:stream";
import {
  type CallToolResult,
  type ListToolsResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Tool, ToolResult } from "../tools/tool.ts";
import { failedResult } from "../tools/tool-result.ts";
import { StdioTransport } from "./stdio-transport.ts";

/** Calls of one client at a time; one more is refused, in words that say so. */
export const CALLS_MAX = 256;

/** What is served to an MCP client, and over what. */
export interface ToolServing {
  readonly tools: readonly Tool[];
  /** What the client is told that it talks to. */
  readonly server: { readonly name: string; readonly title?: string; readonly version: string };
  /** For models: what all tools have in common. Asked for when a client comes. */
  instructions?(): string | undefined | Promise<string | undefined>;
  readonly input: Readable;
  readonly output: Writable;
  /** Told of messages that can not be read, and of a connection that broke. Default: nobody is. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** A server that has begun. */
export interface ServedTools {
  /** Resolves when the client has gone: its end of the input, or a broken output. Never rejects. */
  readonly closed: Promise<void>;
  /** Gives all calls up and ends. */
  close(): Promise<void>;
}

/** Serve tools to one MCP client over a pair of streams, one JSON message per line, by the revisions of the protocol from 2024-11-05 to 2026-07-28. */
export function serveTools({
  tools,
  server: identity,
  instructions,
  input,
  output,
  onError,
}: ToolServing): ServedTools {
  const transport = new StdioTransport(input, output);
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const listed = tools.map(listedTool);
  let calls = 0;
  const callTool = async (name: string, args: unknown, context: ServerContext): Promise<ToolResult> => {
    const tool = byName.get(name);
    if (tool === undefined) throw unknownTool(name, [...byName.keys()]);
    if (calls >= CALLS_MAX) return failedResult(new Error(`${CALLS_MAX} calls are in flight; wait for one of them`));
    calls += 1;
    try {
      return await tool.call(args, { callId: String(context.mcpReq.id), signal: context.mcpReq.signal });
    } finally {
      calls -= 1;
    }
  };
  const handle = serveStdio(
    async () => {
      const told = await instructions?.();
      const server = new Server(identity, {
        capabilities: { tools: {} },
        ...(told === undefined ? {} : { instructions: told }),
      });
      server.setRequestHandler("tools/list", () => ({ tools: [...listed] }));
      server.setRequestHandler("tools/call", async ({ params }, context) => {
        const { content, isError = false } = await callTool(params.name, params.arguments, context);
        return { content: [...content], isError } satisfies CallToolResult;
      });
      return server;
    },
    { transport, ...(onError && { onerror: onError }) },
  );
  return { closed: transport.closed, close: () => handle.close() };
}

/** Its schema is JSON, which the seam between packages does not say as narrowly as the SDK. */
function listedTool({ call: _call, ...told }: Tool): ListToolsResult["tools"][number] {
  return told as ListToolsResult["tools"][number];
}

function unknownTool(name: string, names: readonly string[]): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `there is no tool ${JSON.stringify(name)}, only ${names.join(", ")}`,
  );
}
