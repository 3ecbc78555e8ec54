/*
 * A Responses API that answers everything at once with a short message, in a process of its own. Prints its base URL.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const USAGE = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 15,
};

let answers = 0;

function event(value: { readonly type: string; readonly [member: string]: unknown }): string {
  return `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
}

const server = createServer((request, response) => {
  request.resume().once("end", () => {
    answers += 1;
    const content = [{ type: "output_text", text: "It is done." }];
    const item = { type: "message", role: "assistant", id: `msg_${answers}`, content };
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(
      event({ type: "response.created", response: { id: `r${answers}` } }) +
        event({ type: "response.output_item.done", item }) +
        event({ type: "response.completed", response: { id: `r${answers}`, usage: USAGE } }),
    );
  });
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
});
