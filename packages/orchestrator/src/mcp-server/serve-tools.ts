import type { Readable, Writable } from "node:stream";
import { type Clock, systemClock } from "@holdfast/rpc";
import {
  type CallToolResult,
  type InputRequiredResult,
  type ListToolsResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Tool } from "../tools/tool.ts";
import { failedResult } from "../tools/tool-result.ts";
import { ClientQuestions } from "./client-questions.ts";
import { answerIn, canAskUser, questionFor } from "./elicited-answer.ts";
import { PendingCall } from "./pending-call.ts";
import { tellProgress } from "./progress.ts";
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
  /** By which tools ask whoever sits in front of the client. Default: they can not. */
  readonly questions?: ClientQuestions | undefined;
  /** Told of messages that can not be read, and of a connection that broke. Default: nobody is. */
  readonly onError?: ((error: Error) => void) | undefined;
  /** Time, for tests. Default: the real clock. */
  readonly clock?: Clock | undefined;
}

/** A server that has begun. */
export interface ServedTools {
  /** Resolves when the client has gone: its end of the input, or a broken output. Never rejects. */
  readonly closed: Promise<void>;
  /** Gives all calls up and ends. */
  close(): Promise<void>;
}

/**
 * Serve tools to one MCP client over a pair of streams, one JSON message per line, by the revisions of the protocol from 2024-11-05 to
 * 2026-07-28.
 *
 * A client that wants to be told of progress is told that a call goes on, every few seconds.
 */
export function serveTools(serving: ToolServing): ServedTools {
  const { server: identity, instructions, input, output, onError } = serving;
  const transport = new StdioTransport(input, output);
  const handle = serveStdio(
    async () => {
      const told = await instructions?.();
      const server = new Server(identity, {
        capabilities: { tools: {} },
        ...(told === undefined ? {} : { instructions: told }),
      });
      handleTools(server, serving);
      return server;
    },
    { transport, ...(onError && { onerror: onError }) },
  );
  return { closed: transport.closed, close: () => handle.close() };
}

function handleTools(
  server: Server,
  { tools, questions = new ClientQuestions(), clock = systemClock }: ToolServing,
): void {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const begin = (name: string, args: unknown): PendingCall | undefined => {
    const tool = byName.get(name);
    if (tool === undefined) throw unknownTool(name, [...byName.keys()]);
    if (questions.size >= CALLS_MAX) return undefined;
    return new PendingCall((callId, signal) => tool.call(args, { callId, signal }), questions);
  };
  server.setRequestHandler("tools/list", (_request, context) => {
    questions.hear(canAskUser(server, context));
    return { tools: tools.map(listedTool) };
  });
  server.setRequestHandler("tools/call", async ({ params }, context): Promise<CallToolResult | InputRequiredResult> => {
    questions.hear(canAskUser(server, context));
    const state = context.mcpReq.requestState<string>();
    const call = state === undefined ? begin(params.name, params.arguments) : questions.find(state);
    if (call === undefined) return toMcp(failedResult(new Error(state === undefined ? TOO_MANY : NOT_ASKED)));
    if (state !== undefined) call.answer(answerIn(context.mcpReq.inputResponses));
    return await stateOf(call, context, clock);
  });
}

const TOO_MANY = `${CALLS_MAX} calls are in flight; wait for one of them`;
const NOT_ASKED = "this question is not open any more: make the call again";

async function stateOf(
  call: PendingCall,
  context: ServerContext,
  clock: Clock,
): Promise<CallToolResult | InputRequiredResult> {
  using _progress = tellProgress(context, clock);
  const state = await call.next(context.mcpReq.signal);
  return state.kind === "done" ? toMcp(state.result) : questionFor(call.id, state.question);
}

function toMcp({ content, isError = false }: Awaited<ReturnType<Tool["call"]>>): CallToolResult {
  return { content: [...content], isError };
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
