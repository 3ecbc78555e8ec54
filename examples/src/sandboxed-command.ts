// Run a command that may write to one folder, read the rest, and has no network. Or not at all: where the executor can not confine
// it, the start is refused and says why.
//
//   node src/sandboxed-command.ts ws://HOST:PORT WORKSPACE
import { connect } from "@holdfast/exec-client";
import { pathUriFromNative } from "@holdfast/path-uri";
import { workspaceWriteProfile } from "@holdfast/permission-profile";

const [, , url = "ws://127.0.0.1:7070", workspace = "/srv/work"] = process.argv;

await using executor = await connect(url, { clientName: "sandboxed-command" });
const folder = pathUriFromNative(workspace, "posix");
const sandbox = {
  permissions: workspaceWriteProfile(),
  windowsSandboxLevel: "disabled" as const,
  cwd: folder,
  workspaceRoots: [folder],
};

const inside = await executor.run(["sh", "-c", "echo mine >note && cat note"], { cwd: workspace, sandbox });
console.log(`inside: exit code ${inside.exitCode}, ${inside.stdout.trim()}`);

const outside = await executor.run(["sh", "-c", "echo mine >/etc/holdfast-example"], { cwd: workspace, sandbox });
console.log(`outside: exit code ${outside.exitCode}, denied by the sandbox: ${outside.sandboxDenied}`);
