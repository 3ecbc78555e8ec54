import { type CliOptions, serve } from "./cli.ts";
import { atEndOfFile } from "./end-of-file.ts";

type SharedOptions = Pick<CliOptions, "isLookedInto"> & { readonly args?: readonly string[] };
type Served = Awaited<ReturnType<typeof serve>>;

const running = new Map<string, Promise<Served>>();

/**
 * One `holdfast serve` with these options for all cases of a file, started by the first that asks and ended after the last. Each
 * client has a session of its own there. For cases that need the server to be in some folder, in some environment, of some memory, or
 * gone, there is `serve`.
 */
export function sharedServer(options: SharedOptions = {}): Promise<Served> {
  const key = JSON.stringify(options);
  const known = running.get(key);
  if (known !== undefined) return known;
  const server = serve(options);
  running.set(key, server);
  atEndOfFile(async () => {
    running.delete(key);
    await (await server)[Symbol.asyncDispose]();
  });
  return server;
}
