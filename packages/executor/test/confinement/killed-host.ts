// A program with an executor that runs a confined command and a file helper in the folder it is told. It ends by being killed.
import { Line } from "../wire/line.ts";
import { workspaceWrite } from "./sandbox.ts";

const [folder = "", seconds = ""] = process.argv.slice(2);
const line = await Line.ready();
const sandbox = workspaceWrite(folder);
const script = `setsid sleep ${seconds} & setsid sleep ${seconds} & echo ready; wait`;
await line.start("p", ["sh", "-c", script], { cwd: `file://${folder}`, sandbox });
await line.when(() => line.text("p").includes("ready"));
await line.call("fs/writeFile", { path: `file://${folder}/f`, dataBase64: "", sandbox });
process.send?.("ready");
