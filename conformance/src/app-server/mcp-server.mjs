// An MCP server over stdio with one tool, which says what it is given in capitals. It has nothing of this project in it.
import { createInterface } from "node:readline";

const TOOL = {
  name: "shout",
  description: "Says it loudly.",
  inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
};

function resultOf({ method, params }) {
  if (method === "initialize") {
    const serverInfo = { name: "loud", version: "1.0.0" };
    return { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo };
  }
  if (method === "tools/list") return { tools: [TOOL] };
  if (method !== "tools/call") return undefined;
  const text = String(params.arguments?.text).toUpperCase();
  return { content: [{ type: "text", text }], structuredContent: { text } };
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line);
  if (message.id === undefined) return;
  const result = resultOf(message);
  const answer = result === undefined ? { error: { code: -32601, message: "method not found" } } : { result };
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: message.id, ...answer })}\n`);
});
