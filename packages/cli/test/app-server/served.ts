import { tempDir, until } from "@holdfast/testkit";
import { Cli, type CliOptions } from "../support/cli.ts";

const LISTENING = /listening on: (\S+)/;

/** Start `holdfast app-server` with a home of its own, and wait until it says where it listens. */
export async function servedAppServer(listen: string, args: readonly string[] = [], options: CliOptions = {}) {
  const home = await tempDir();
  const cli = new Cli(["app-server", "--listen", listen, ...args], {
    cwd: home.path,
    ...options,
    env: { CODEX_HOME: home.path, ...options.env },
  });
  const url = await until(() => {
    if (cli.child.exitCode !== null) throw new Error(`it ended: ${cli.stderr}`);
    return LISTENING.exec(cli.stderr)?.[1];
  });
  return {
    cli,
    url,
    home: home.path,
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}
