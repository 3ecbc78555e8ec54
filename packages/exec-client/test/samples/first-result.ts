import { connect } from "@holdfast/exec-client";

await using executor = await connect("ws://devbox:7070");
const { exitCode, stdout } = await executor.run(["uname", "-s"], { cwd: "/" });
process.stdout.write(`${stdout}exit code ${exitCode}\n`);
