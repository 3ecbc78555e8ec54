import { connect } from "@holdfast/exec-client";
import { execTools, UnifiedExec } from "@holdfast/orchestrator";

await using executor = await connect("ws://devbox:7070");
await using exec = new UnifiedExec({
  environments: () => ({ id: "devbox", executor, cwd: "/", isRemote: true }),
  settings: { sandbox: "read-only", approvalPolicy: "on-request" },
  askApproval: ({ command }) => (command.startsWith("git fetch") ? "accept" : "decline"), // or ask a person
});
const [execCommand, writeStdin] = execTools(exec); // for a model: name, description, inputSchema, call
const cmd = "uname -s; read answer; echo $answer";
const call = await execCommand.call({ cmd, login: false, tty: true, yield_time_ms: 250 });
const [, session] = /session ID (\d+)/.exec(JSON.stringify(call.content)) ?? [];
const next = await writeStdin.call({ session_id: Number(session), chars: "yes\n" });
process.stdout.write(JSON.stringify([call, next]));
