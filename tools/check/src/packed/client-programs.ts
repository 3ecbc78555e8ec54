/*
 * What an outsider writes first, as texts: they run outside of this repository, on what was installed.
 */

/** Run, stream, files, a request and a lost line. Arguments: the URL of an executor, a folder. Prints one line. */
export const CLIENT_PROGRAM = `
import { connect } from "@holdfast/exec-client";

const [url, folder] = globalThis.Deno ? globalThis.Deno.args : process.argv.slice(2);
const equal = (seen, wanted) => {
  if (JSON.stringify(seen) !== JSON.stringify(wanted)) throw new Error(JSON.stringify(seen) + " instead of " + JSON.stringify(wanted));
};
const executor = await connect(url, { clientName: "outsider" });
const { exitCode, stdout, stderr } = await executor.run(["sh", "-c", "echo out; echo err >&2; exit 3"]);
equal([exitCode, stdout, stderr], [3, "out\\n", "err\\n"]);
equal((await executor.run(["sort"], { input: "b\\na\\n" })).stdout, "a\\nb\\n");
const lines = [];
const counting = await executor.processes.start({ argv: ["sh", "-c", "echo 1; echo 2; echo 3"] });
for await (const line of counting.lines()) lines.push(line);
equal(lines.length, 3);
await executor.fs.writeFile(folder + "/file", "grün");
equal(new TextDecoder().decode(await executor.fs.readFile(folder + "/file")), "grün");
const answer = await executor.fetch(new URL("/readyz", url.replace("ws:", "http:")));
equal([answer.status, await answer.text()], [200, ""]);
// The relay between cuts the line in here. An executor keeps 1 MiB for a client that comes back.
const long = await executor.run(["sh", "-c", "yes 0123456789abcde | head -n 40000"]);
equal([long.exitCode, long.stdout.length, new Set(long.stdout.split("\\n")).size], [0, 640_000, 2]);
const failed = await executor.fs.readFile(folder + "/missing").catch((error) => error);
equal(failed instanceof Error, true);
await executor.close();
console.log("a command, a stream, a file, a request and a lost line");
`;

/** Loads the client as older programs do. */
export const REQUIRING_PROGRAM = `
const { connect, LinkError } = require("@holdfast/exec-client");
const { upload } = require("@holdfast/exec-client/transfer");
if (typeof connect !== "function" || typeof LinkError !== "function" || typeof upload !== "function") throw new Error("no exports");
console.log("required");
`;
