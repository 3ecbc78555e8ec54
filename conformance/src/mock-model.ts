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
}

/** What the model says next, given what the orchestrator sent. An empty list ends the script with a plain message. */
export type ModelTurn = (request: ModelRequest) => readonly ConversationItem[];

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

const USAGE = {
  input_tokens: 1,
  input_tokens_details: null,
  output_tokens: 1,
  output_tokens_details: null,
  total_tokens: 2,
};

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function writeEvents(response: ServerResponse, id: string, items: readonly ConversationItem[]): void {
  const events = [
    { type: "response.created", response: { id } },
    ...items.map((item) => ({ type: "response.output_item.done", item })),
    { type: "response.completed", response: { id, usage: USAGE } },
  ];
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}

/** Serve a script: the n-th request is answered by the n-th turn, later ones by a message that ends the work. */
export async function startMockModel(turns: readonly ModelTurn[]): Promise<MockModel> {
  const requests: ModelRequest[] = [];
  let failure: unknown;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST" || !request.url?.endsWith("/responses")) {
      response.writeHead(404).end();
      return;
    }
    const body = JSON.parse(await readBody(request)) as ModelRequest;
    const turn = turns[requests.length];
    requests.push(body);
    const items = turn?.(body) ?? [];
    writeEvents(response, `response-${requests.length}`, items.length > 0 ? items : [FINAL_MESSAGE]);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      failure ??= error;
      response.writeHead(500).end();
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
