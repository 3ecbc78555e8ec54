import { PassThrough } from "node:stream";
import {
  Client,
  type ClientOptions,
  type JSONRPCMessage,
  ReadBuffer,
  serializeMessage,
  type Transport,
} from "@modelcontextprotocol/client";
import { serveTools, type ToolServing } from "../../src/mcp-server/index.ts";

/** The official client, joined to a server of tools by two streams. */
export interface ServedClient extends AsyncDisposable {
  readonly client: Client;
  /** Every message that the server has sent. */
  readonly received: readonly JSONRPCMessage[];
}

export async function servedClient(
  serving: Omit<ToolServing, "server" | "input" | "output">,
  options: ClientOptions & { readonly prepare?: (client: Client) => void } = {},
): Promise<ServedClient> {
  const { prepare, ...clientOptions } = options;
  const [up, down] = [new PassThrough(), new PassThrough()];
  const served = serveTools({ ...serving, server: { name: "tools", version: "1.0.0" }, input: up, output: down });
  const received: JSONRPCMessage[] = [];
  const buffer = new ReadBuffer();
  const transport: Transport = {
    async start() {
      down.on("data", (chunk: Buffer) => {
        buffer.append(chunk);
        for (let message = buffer.readMessage(); message !== null; message = buffer.readMessage()) {
          received.push(message);
          transport.onmessage?.(message);
        }
      });
      down.once("end", () => transport.onclose?.());
    },
    async send(message) {
      up.write(serializeMessage(message));
    },
    async close() {
      up.end();
      transport.onclose?.();
    },
  };
  const client = new Client({ name: "stranger", version: "1.0.0" }, clientOptions);
  prepare?.(client);
  await client.connect(transport);
  return {
    client,
    received,
    async [Symbol.asyncDispose]() {
      await client.close();
      await served.closed;
    },
  };
}
