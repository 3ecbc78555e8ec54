import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One item of a conversation as the Responses API spells it; open, because releases add members. */
export interface ConversationItem {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** The body of `POST /v1/responses`, as far as a script looks at it. */
export interface ModelRequest {
  readonly instructions?: string;
  readonly input: readonly ConversationItem[];
  readonly tools: readonly ConversationItem[];
  /** What the answer is to look like. */
  readonly text?: { readonly format?: { readonly type: string } };
}

/** One event of the stream of a response, as the Responses API spells it; open, because releases know more of them. */
export interface ModelEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

/**
 * What the model says next, given what the orchestrator sent. An empty list ends the script with a plain message. Events go out as they
 * come, and the end of the response after them unless it failed; `signal` is aborted when the orchestrator has hung up.
 */
export type ModelTurn = (
  request: ModelRequest,
  signal: AbortSignal,
) => readonly ConversationItem[] | AsyncIterable<ModelEvent>;

/** A scripted Responses API on loopback. */
export interface MockModel extends AsyncDisposable {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly ModelRequest[];
  /** The first error a turn threw, for the report: the orchestrator only sees a failed stream. */
  readonly failure: () => unknown;
}

const FINAL_MESSAGE: ConversationItem = {
  type: "message",
  role: "assistant",
  id: "msg-end",
  content: [{ type: "output_text", text: "done" }],
};

/** What each response is said to have cost. */
export const MOCK_USAGE = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 2 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 1 },
  total_tokens: 15,
};

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function* doneItems(items: readonly ConversationItem[]): AsyncGenerator<ModelEvent> {
  for (const item of items) yield { type: "response.output_item.done", item };
}

/** A message that comes word by word. */
export async function* streamedMessage(id: string, text: string): AsyncGenerator<ModelEvent> {
  const message = { type: "message", role: "assistant", id };
  yield { type: "response.output_item.added", item: { ...message, content: [] } };
  for (const delta of text.split(/(?<= )/)) {
    yield { type: "response.output_text.delta", item_id: id, output_index: 0, content_index: 0, delta };
  }
  yield { type: "response.output_item.done", item: { ...message, content: [{ type: "output_text", text }] } };
}

async function writeEvents(response: ServerResponse, id: string, events: AsyncIterable<ModelEvent>): Promise<void> {
  const write = (event: ModelEvent): void => {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  response.writeHead(200, { "content-type": "text/event-stream" });
  write({ type: "response.created", response: { id } });
  let hasFailed = false;
  for await (const event of events) {
    write(event);
    hasFailed ||= event.type === "response.failed";
  }
  if (!hasFailed) write({ type: "response.completed", response: { id, usage: MOCK_USAGE } });
  response.end();
}

/**
 * Serve a script: the n-th request is answered by the n-th turn, later ones by a message that ends the work.
 *
 * @param script - Or one turn that answers every request.
 */
export async function startMockModel(script: readonly ModelTurn[] | ModelTurn): Promise<MockModel> {
  const requests: ModelRequest[] = [];
  let failure: unknown;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST" || !request.url?.endsWith("/responses")) {
      response.writeHead(404).end();
      return;
    }
    const body = JSON.parse(await readBody(request)) as ModelRequest;
    const turn = typeof script === "function" ? script : script[requests.length];
    requests.push(body);
    const hangUp = new AbortController();
    response.once("close", () => hangUp.abort());
    const said = turn?.(body, hangUp.signal) ?? [];
    const events = Symbol.asyncIterator in said ? said : doneItems(said.length > 0 ? said : [FINAL_MESSAGE]);
    await writeEvents(response, `response-${requests.length}`, events);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      failure ??= error;
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    failure: () => failure,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
