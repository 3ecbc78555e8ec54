import { connect, placedSandbox } from "@holdfast/exec-client";
import { fileTools, patchTool, type ToolPlaces } from "@holdfast/orchestrator";
import { serveTools } from "@holdfast/orchestrator/mcp-server";

await using executor = await connect("ws://devbox:7070");
const { environment } = executor;
const { cwd } = environment;
if (cwd === undefined) throw new Error("the executor does not tell its working folder");
const sandbox = placedSandbox("workspace-write", cwd, environment);
const places: ToolPlaces = {
  ids: ["devbox"], // with several, models name one by environment_id
  at: async () => ({ id: "devbox", executor, cwd, sandbox }),
};
const served = serveTools({
  tools: [patchTool(places), ...fileTools(places)], // apply_patch, read_file, list_files, search_files, edit_file, write_file
  server: { name: "devbox-files", version: "1.0.0" },
  input: process.stdin,
  output: process.stdout,
});
await served.closed;
