// A step of a pipeline on another machine: send the sources, run the checks, fail with what failed, fetch the report.
//
//   node src/ci-step.ts ws://HOST:PORT SOURCES REPORT
import { connect, isCommandFailed } from "@holdfast/exec-client";
import { download, sync } from "@holdfast/exec-client/transfer";

const [, , url = "ws://127.0.0.1:7070", sources = ".", report = "report.txt"] = process.argv;

await using executor = await connect(url, { clientName: "ci-step" });
const workspace = await executor.fs.mkdtemp("/tmp/ci-");
try {
  await sync(executor, sources, workspace, { gitignore: true });
  const step = executor.$({ cwd: workspace, timeoutMs: 600_000, check: true });
  await step`printf 'files: %s\n' "$(ls | wc -l)" >report.txt`;
  await download(executor, `${workspace}/report.txt`, report);
  await step`test -e ${"passes"}`;
  console.log("passed");
} catch (error) {
  if (!isCommandFailed(error)) throw error;
  console.log(`failed: exit code ${error.exitCode}`);
  process.exitCode = 1;
} finally {
  await executor.fs.remove(workspace, { recursive: true });
}
