/*
 * A program that starts a server and commands on it, prints the ids of all their processes, and waits to be killed.
 *
 * Arguments: the program of a release, a folder for what the commands write.
 */
import { connectAppServer } from "@holdfast/app-server-client";
import { startCommands } from "./start-commands.ts";

const [command = "", folder = ""] = process.argv.slice(2);
const codex = await connectAppServer(
  { command, args: ["app-server"] },
  { capabilities: { experimentalApi: true }, initializeTimeoutMs: 60_000 },
);
const pids = await startCommands(codex, folder, "killed");
console.log(JSON.stringify(pids));
await codex.closed;
