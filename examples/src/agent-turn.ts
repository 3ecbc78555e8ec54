// A turn of a Codex agent: its words as they come, and what it did as each of it is done.
//
//   node src/agent-turn.ts WORKSPACE "what to do" [codex app-server]
import { connectAppServer } from "@holdfast/app-server-client";

const [, , cwd = process.cwd(), prompt = "Say what is in this folder.", command = "codex", ...args] = process.argv;

// Disposing of it ends the server that was started, and all that runs there.
await using codex = await connectAppServer({ command, args: args.length === 0 ? ["app-server"] : args });
const thread = await codex.threads.start({ cwd, sandbox: "read-only", approvalPolicy: "never" });

// Leaving the loop early would interrupt the turn, and so does a signal.
const run = thread.run(prompt, { signal: AbortSignal.timeout(600_000) });
for await (const event of run.events()) {
  if (event.method === "item/agentMessage/delta") process.stdout.write(event.params.delta);
  if (event.method !== "item/completed") continue;
  const { item } = event.params;
  if (item.type === "commandExecution") console.log(`$ ${item.command}\n${item.aggregatedOutput ?? ""}`.trimEnd());
  if (item.type === "agentMessage") console.log();
}

const { finalMessage, usage } = await run.result();
console.log(`it said ${finalMessage?.length ?? 0} characters for ${usage?.totalTokens ?? 0} tokens`);
