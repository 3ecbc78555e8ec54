// An agent that leaves commands running, says which processes they are, and waits to be killed.
import { connect } from "@holdfast/exec-client";
import { UnifiedExec } from "@holdfast/orchestrator";

const executor = await connect(process.argv[2]);
let printed = "";
const exec = new UnifiedExec({
  environments: () => ({ id: "far", executor, cwd: "/", isRemote: true }),
  settings: { sandbox: "none", login: false, maxDetachedMs: 500 },
  onEvent: (event) => {
    if (event.type !== "output") return;
    printed += Buffer.from(event.data).toString();
    const pids = printed.trim().split(/\s+/);
    if (pids.length === 3 && printed.endsWith("\n")) process.stdout.write(`${JSON.stringify(pids.map(Number))}\n`);
  },
});
const commands = ["echo $$; exec sleep 1000", "setsid sleep 1000 & echo $! $$; trap '' TERM; wait; sleep 1000"];
await Promise.all(commands.map((cmd) => exec.exec({ cmd, shell: "/bin/bash", yieldTimeMs: 250 })));
