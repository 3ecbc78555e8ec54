import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { tempDir } from "@holdfast/testkit";

/** What was said, and what it is answered with: a command to run, or a text. */
export type Reply = { readonly run: string } | { readonly say: string };

/** A home that is configured for a model of its own, and a folder to work in. */
export interface AgentGround extends AsyncDisposable {
  readonly home: string;
  readonly folder: string;
  /** The bodies of the requests, oldest first. */
  readonly requests: readonly { readonly input: readonly Readonly<Record<string, unknown>>[] }[];
  readonly env: Readonly<Record<string, string>>;
}

const USAGE = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };

/** @param replies - One for each request; then `done`. @param tables - Further tables of the configuration. */
export async function agentGround(replies: readonly Reply[], tables = ""): Promise<AgentGround> {
  const requests: { readonly input: readonly Readonly<Record<string, unknown>>[] }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      const item = itemOf(replies[requests.length] ?? { say: "done" }, requests.length);
      requests.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const event of [
        { type: "response.output_item.done", item },
        { type: "response.completed", response: { id: "r", usage: USAGE } },
      ]) {
        response.write(`data: ${JSON.stringify(event)}\n\n`);
      }
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const temporary = await tempDir();
  const config = `model = "m"\nmodel_provider = "mock"\n[model_providers.mock]\nname = "mock"\nbase_url = "http://127.0.0.1:${port}/v1"\n`;
  await writeFile(join(temporary.path, "config.toml"), config + tables);
  const work = await tempDir();
  return {
    home: temporary.path,
    folder: work.path,
    requests,
    env: { CODEX_HOME: temporary.path, NO_PROXY: "127.0.0.1" },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await work[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

function itemOf(reply: Reply, index: number) {
  if ("say" in reply) {
    const content = [{ type: "output_text", text: reply.say }];
    return { type: "message", role: "assistant", id: `msg_${index}`, content };
  }
  const args = JSON.stringify({ cmd: reply.run, login: false, yield_time_ms: 30_000 });
  return { type: "function_call", id: `fc_${index}`, call_id: `call_${index}`, name: "exec_command", arguments: args };
}
