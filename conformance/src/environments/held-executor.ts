import { EnvironmentRegistry } from "@holdfast/orchestrator";
import type { Release } from "@holdfast/reference-peer";
import { BadLine } from "@holdfast/testkit";
import { temporaryFolder } from "../places.ts";
import { startReferenceExecutor } from "../reference-executor.ts";

/**
 * Our registry and the executor of a release: a process goes on over a cut line, and over its id being registered anew, until it ends.
 *
 * @returns what was seen, beside {@link HELD}.
 */
export async function heldExecutor(release: Release): Promise<string> {
  await using folder = await temporaryFolder();
  await using executor = await startReferenceExecutor(release, folder.path);
  await using line = await BadLine.to(executor.url);
  await using registry = new EnvironmentRegistry({ processConnections: "shared" });
  const handle = registry.register({ id: "far", url: line.url });
  const far = await handle.executor();
  const cat = await far.processes.start({ argv: ["cat"], cwd: "/", pipeStdin: true });
  line.cut();
  await Promise.all([1, 2, 3, 4].map(() => far.environmentInfo()));
  const dials = line.connectionCount;
  registry.register({ id: "far", url: executor.url });
  await cat.write("still there\n");
  for await (const text of cat.lines()) {
    if (text !== "still there") return `it said ${text}`;
    break;
  }
  await cat.terminate();
  await cat.closed;
  return `${dials} dials`;
}

/** What is promised. */
export const HELD = "2 dials";
