// Run a command on another machine and use what it printed.
//
//   node src/run-a-command.ts ws://HOST:PORT
import { connect } from "@holdfast/exec-client";

const [, , url = "ws://127.0.0.1:7070"] = process.argv;

await using executor = await connect(url, { clientName: "run-a-command" });

// No shell is involved, so nothing needs quoting. A code other than 0 is a result, not an error.
const listing = await executor.run(["ls", "-1", "/"], { timeoutMs: 30_000 });
console.log(`exit code ${listing.exitCode}, ${listing.stdout.trim().split("\n").length} entries in /`);

const missing = await executor.run(["ls", "/no/such/folder"]);
console.log(`exit code ${missing.exitCode}: ${missing.stderr.trim()}`);
