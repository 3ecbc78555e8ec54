// An MCP server over stdio that does what its tools are called. It has nothing of this project in it.
import { appendFileSync, existsSync, watch } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

// Where it writes its process id, and what has to be there before it speaks.
const [, , pids, sign] = process.argv;
if (pids !== undefined) appendFileSync(pids, `${process.pid}\n`);
if (sign !== undefined) {
  await new Promise((resolve) => {
    const look = () => {
      if (!existsSync(sign)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(dirname(sign), look);
    // It may have come before it was watched for.
    look();
  });
}

const EMPTY = { type: "object", properties: {} };
const TOOLS = [
  {
    name: "say.meta",
    description: "Says what came with the call.",
    inputSchema: EMPTY,
    annotations: { readOnlyHint: true },
  },
  { name: "ask", description: "Asks the user.", inputSchema: EMPTY },
  { name: "wait", description: "Never answers.", inputSchema: EMPTY },
];

let lastId = 0;
const asked = new Map();

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

function resultOf({ method, params }) {
  switch (method) {
    case "initialize":
      return {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {}, resources: {} },
        serverInfo: { name: "stub", version: "1.0.0" },
        instructions: "Does what it is told.",
      };
    case "tools/list":
      return { tools: TOOLS };
    case "resources/list":
      return { resources: [{ name: "note", uri: "stub://note", mimeType: "text/plain" }] };
    case "resources/templates/list":
      return { resourceTemplates: [{ name: "notes", uriTemplate: "stub://{name}" }] };
    case "resources/read":
      return { contents: [{ uri: params.uri, text: "a note" }] };
    default:
      return undefined;
  }
}

function call({ id, params }) {
  const { name, _meta } = params;
  if (name === "say.meta") send({ id, result: { content: [{ type: "text", text: JSON.stringify(_meta) }] } });
  if (name === "ask") {
    lastId += 1;
    asked.set(`q${lastId}`, id);
    const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    send({ id: `q${lastId}`, method: "elicitation/create", params: { message: "Who are you?", requestedSchema } });
  }
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const message = JSON.parse(line);
  if (message.method === undefined) {
    const id = asked.get(message.id);
    if (id !== undefined) send({ id, result: { content: [{ type: "text", text: JSON.stringify(message.result) }] } });
    return;
  }
  if (message.id === undefined) return;
  if (message.method === "tools/call") return call(message);
  if (message.method === "resources/read" && message.params.uri === "stub://missing") {
    return send({ id: message.id, error: { code: -32002, message: "there is no such note" } });
  }
  const result = resultOf(message);
  send({
    id: message.id,
    ...(result === undefined ? { error: { code: -32601, message: "method not found" } } : { result }),
  });
});
