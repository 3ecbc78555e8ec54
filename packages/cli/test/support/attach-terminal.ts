// A program of somebody else: runs a command in a terminal on an executor, in front of the terminal that it is started in.
import { connect } from "@holdfast/exec-client";
import { attachTerminal } from "@holdfast/exec-client/terminal";

const [url = "", ...argv] = process.argv.slice(2);
await using executor = await connect(url);
await using running = await executor.processes.start({ argv, tty: true });
const { exitCode } = await attachTerminal(running, process);
process.stdout.write(`ended with ${exitCode}\n`);
