// Run a script that nobody has read: it may write to one folder, read the rest, and has no network. Or not at all: where the executor can
// not confine it, the start is refused and says why.
//
//   node src/sandboxed-command.ts ws://HOST:PORT WORKSPACE
import { connect } from "@holdfast/exec-client";

const [, , url = "ws://127.0.0.1:7070", workspace = "/srv/work"] = process.argv;

await using executor = await connect(url, { clientName: "sandboxed-command" });
const confined = { cwd: workspace, sandbox: "workspace-write" } as const;

const inside = await executor.sh("echo mine >note && cat note", confined);
console.log(`inside: exit code ${inside.exitCode}, ${inside.stdout.trim()}`);

const outside = await executor.sh("echo mine >/etc/holdfast-example", confined);
console.log(`outside: exit code ${outside.exitCode}, denied by the sandbox: ${outside.sandboxDenied}`);
