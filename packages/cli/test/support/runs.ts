import { type TempDir, tempDir } from "@holdfast/testkit";
import { expect } from "vitest";
import { type CliOptions, holdfast, serve } from "./cli.ts";
import { sharedServer } from "./shared-server.ts";

/** An executor and a home for the records of its runs. */
export interface RunsPlace extends AsyncDisposable {
  readonly url: string;
  readonly folder: TempDir;
  readonly env: Readonly<Record<string, string>>;
  /** Start a script and leave it running. Its ID. */
  detach(script: string, flags?: readonly string[]): Promise<string>;
}

/** @param serveArgs - For an executor of its own; without them it is that of all cases of the file. */
export async function runsPlace(serveArgs?: readonly string[]): Promise<RunsPlace> {
  const folder = await tempDir();
  const own = serveArgs === undefined ? undefined : await serve({ args: serveArgs });
  const { url } = own ?? (await sharedServer({ args: ["--session-ttl", "60"] }));
  const env = { XDG_STATE_HOME: folder.path };
  return {
    url,
    folder,
    env,
    async detach(script, flags = []) {
      const args = ["exec", "--detach", "--url", url, ...flags, "--", "sh", "-c", script];
      const { code, stdout, stderr } = await holdfast(args, { env });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout.toString()).toMatch(/^\S+\n$/);
      return stdout.toString().trim();
    },
    async [Symbol.asyncDispose]() {
      await own?.[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** State of every run as `holdfast ps --json` tells it, by its ID. */
export async function statesOf(options: CliOptions): Promise<Record<string, string>> {
  const { code, stdout } = await holdfast(["ps", "--json"], options);
  expect(code).toBe(0);
  const runs = JSON.parse(stdout.toString()) as { id: string; state: string; exitCode: number | null }[];
  return Object.fromEntries(
    runs.map(({ id, state, exitCode }) => [id, exitCode === null ? state : `${state} ${exitCode}`]),
  );
}
