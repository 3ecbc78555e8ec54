/*
 * What an outsider writes first, as texts: they run outside of this repository, on what was installed.
 */

/** A web server on the executor's machine: `/gzip/0` is a text in that coding, `/gzip/20` one whose last 20 bytes are missing. */
const CODING_SERVER = [
  "const { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } = require('node:zlib');",
  "const by = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };",
  "const text = require('node:crypto').randomBytes(100_000).toString('hex');",
  "const server = require('node:http').createServer(({ url, headers }, response) => {",
  "  const [, coding, missing] = url.split('/');",
  "  const body = by[coding](text);",
  "  const asked = headers['accept-encoding'].split(', ').filter((name) => by[name]).join();",
  "  response.writeHead(200, { 'content-encoding': coding, 'x-asked': asked });",
  "  response.end(body.subarray(0, body.length - missing));",
  "});",
  "server.listen(0, '127.0.0.1', () => console.log(server.address().port));",
].join("\n");

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
// What is asked for is decoded, and what is cut off is never taken for whole.
const web = await executor.processes.start({ argv: ["node", "-e", ${JSON.stringify(CODING_SERVER)}] });
const { value: port } = await web.lines().next();
const asked = (await executor.fetch("http://127.0.0.1:" + port + "/gzip/0")).headers.get("x-asked").split(",");
equal(asked.slice(0, 3), ["gzip", "deflate", "br"]);
for (const coding of asked) {
  const decoded = await executor.fetch("http://127.0.0.1:" + port + "/" + coding + "/0");
  equal([coding, (await decoded.text()).length], [coding, 200_000]);
  const cut = await executor.fetch("http://127.0.0.1:" + port + "/" + coding + "/20");
  equal([coding, await cut.text().then((text) => text.length, (error) => error.code)], [coding, "broken"]);
}
await web.terminate();
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
