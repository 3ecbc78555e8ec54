import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An entry of a conversation. */
export type Entry = Readonly<Record<string, unknown>> & { readonly type: string };

/** What a model was asked. */
export interface ModelCall {
  readonly body: {
    readonly input: readonly Entry[];
    readonly tools?: readonly Entry[];
    readonly [member: string]: unknown;
  };
  readonly headers: IncomingHttpHeaders;
  readonly url: string;
  /** Aborted when who asked has hung up. */
  readonly signal: AbortSignal;
}

/** What the model does with a request. Entries are said whole, with what ends a response behind them. */
export type Reply = readonly Entry[] | ((answer: ServerResponse, call: ModelCall) => void | Promise<void>);

/** A Responses API on loopback that says what a test wants. */
export interface ScriptedModel extends AsyncDisposable {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  /** Oldest first. */
  readonly calls: readonly ModelCall[];
  /** `config.toml` that leads to it. */
  readonly config: (more?: Readonly<Record<string, string | number>>) => string;
}

const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 20 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 1 },
  total_tokens: 105,
};

/** The n-th request has the n-th reply; later ones a message `done`. */
export async function scriptedModel(...replies: readonly Reply[]): Promise<ScriptedModel> {
  const calls: ModelCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      const body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      const call = { body, headers: request.headers, url: request.url ?? "", signal: gone.signal };
      const reply = replies[calls.length] ?? [said("done")];
      calls.push(call);
      if (typeof reply === "function") void reply(response, call);
      else {
        begin(response);
        for (const item of reply) send(response, { type: "response.output_item.done", item });
        complete(response);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  return {
    baseUrl,
    calls,
    config: (more = {}) => {
      const members = Object.entries({ name: "mock", base_url: baseUrl, wire_api: "responses", ...more });
      const lines = members.map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
      return `[model_providers.mock]\n${lines.join("")}`;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Begin a stream. */
export function begin(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  send(response, { type: "response.created", response: { id: "r" } });
}

export function send(response: ServerResponse, event: Entry): void {
  response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

/** End it as a whole response. */
export function complete(response: ServerResponse, more: Readonly<Record<string, unknown>> = {}): void {
  send(response, { type: "response.completed", response: { id: "r", usage: USAGE, ...more } });
  response.end();
}

/** A message of the model. */
export function said(text: string, id = "msg_1"): Entry {
  return { type: "message", role: "assistant", id, content: [{ type: "output_text", text }] };
}

/** A call of a tool. */
export function calls(name: string, args: object, callId = "call_1", more: object = {}): Entry {
  return { type: "function_call", id: `fc_${callId}`, call_id: callId, name, arguments: JSON.stringify(args), ...more };
}
