// A program with servers of every kind, here and on an executor, that is in the middle of replacing them when it is killed: PIDS URL.
import { connect } from "@holdfast/exec-client";
import { Places } from "./places.ts";
import { mcpServers } from "./servers.ts";
import { type StubMode, stub } from "./stub.ts";

const MODES: readonly StubMode[] = ["good", "family", "daemon", "stubborn", "silent", "floods", "garbage", "exits"];
const [, , pids = "", url = ""] = process.argv;

const environments = new Places();
await environments.embed();
environments.set("far", await connect(url));
const servers = mcpServers({ environments });
const set = (label: string) =>
  ["local", "far"].flatMap((environmentId) =>
    MODES.map((mode) =>
      stub(mode, { name: `${mode}-${environmentId}`, pids, label: `${environmentId}-${label}`, environmentId }),
    ),
  );

for (let round = 0; ; round += 1) {
  const manager = await servers.refresh(set(`${round}`));
  for (const name of ["good-local", "good-far"]) {
    await manager.callTool(name, "pid", {});
    manager.callTool(name, "hang", {}).catch(() => {});
  }
  process.stdout.write(`${round}\n`);
}
