// An agent that leaves commands running, says which processes they are, and waits to be killed.
import { connect } from "@holdfast/exec-client";
import { UnifiedExec } from "@holdfast/orchestrator";

const executor = await connect(process.argv[2]);
const exec = new UnifiedExec({
  environments: () => ({ id: "far", executor, cwd: "/", isRemote: true }),
  settings: { sandbox: "none", login: false, maxDetachedMs: 500 },
});
const commands = ["echo $$; exec sleep 1000", "setsid sleep 1000 & echo $! $$; trap '' TERM; wait; sleep 1000"];
const results = await Promise.all(commands.map((cmd) => exec.exec({ cmd, shell: "/bin/bash", yieldTimeMs: 1_000 })));
const pids = results.flatMap(({ output }) => output.trim().split(/\s+/).map(Number));
process.stdout.write(`${JSON.stringify(pids)}\n`);
