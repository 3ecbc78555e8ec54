/* An MCP server on stdin and stdout with the tools that the variable TOOLS names, as a list in JSON. */
import { createInterface } from "node:readline";

const tools = JSON.parse(process.env.TOOLS ?? "[]").map((name) => ({
  name,
  description: "",
  inputSchema: { type: "object" },
}));

function answer({ method, params }) {
  if (method === "tools/list") return { tools };
  if (method !== "initialize") return {};
  const serverInfo = { name: "tools", version: "1" };
  return { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo };
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.id === undefined) continue;
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: message.id, result: answer(message) })}\n`);
}
