// An agent that asks before it does something: one callback decides about commands, changes of files and tools alike.
//
//   node src/agent-approvals.ts WORKSPACE "what to do" [codex app-server]
import { connectAppServer } from "@holdfast/app-server-client";

const [, , cwd = process.cwd(), prompt = "Tidy up.", command = "codex", ...args] = process.argv;

await using codex = await connectAppServer({ command, args: args.length === 0 ? ["app-server"] : args });
const thread = await codex.threads.start({
  cwd,
  sandbox: "read-only",
  approvalPolicy: "on-request",
  // Put a question to somebody in its place: the turn waits. What throws here allows nothing.
  async approve(request) {
    if (request.type === "fileChange") return "accept";
    const isHarmless = request.type === "command" && /\btouch\b/.test(request.params.command ?? "");
    return isHarmless ? "accept" : "decline";
  },
});

for await (const item of thread.run(prompt)) {
  if (item.type === "commandExecution") console.log(`${item.status}: ${item.command}`);
  if (item.type === "fileChange") console.log(`${item.status}: ${item.changes.map(({ path }) => path).join(", ")}`);
  if (item.type === "agentMessage") console.log(item.text);
}
