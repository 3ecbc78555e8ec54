import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { codexHome } from "../env/codex-home.ts";
import { openEnvironments } from "../env/open-environments.ts";
import { withoutToken } from "../executor/credential-options.ts";
import { listen } from "../serve/listen.ts";
import type { ListenAddress } from "../serve/listen-address.ts";
import type { Listening, ListenParts } from "../serve/listening.ts";
import { openLog } from "../serve/log/open-log.ts";
import { toldToEndServing } from "../serve/told-to-end.ts";
import { version } from "../version.ts";
import { listeningOn } from "./listening-on.ts";
import { hostSettings } from "./settings.ts";

const PRIVATE = 0o700;

/** How clients of Codex come: on any path, and some are stopped for a while by who sits in front of them. */
const DIFFERENCES: ListenParts["differences"] = { routes: { handshake: null }, pongTimeoutMs: 60_000 };

/** `holdfast app-server` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const settings = hostSettings(args, context);
  const toldToEnd = toldToEndServing();
  const log = openLog(settings.log, context);
  const { address } = settings;
  await using environments = await openEnvironments(context, { retryFailedStart: true });
  const { createAppServer } = await import("@holdfast/orchestrator/app-server");
  await using server = createAppServer({
    environments: environments.registry,
    codexHome: codexHome(context),
    cwd: context.cwd,
    variables: withoutToken(context.env),
    config: settings.config,
    version: version(),
    log,
  });
  if (address.kind === "unix") makeFolderOf(address.path);
  // On pipes nobody is asked who they are.
  const admission = address.kind === "stdio" ? undefined : (await environments.embedded()).admission;
  const parts: ListenParts = {
    executor: { accept: (port) => server.accept(port), admission: admission ?? unasked },
    context,
    log,
    differences: DIFFERENCES,
  };
  const listening = await listen(settings, parts);
  tellWhere(listening, address, context);
  await Promise.race([toldToEnd, listening.ended]);
  await Promise.all([server.close(), listening.close()]);
  return EXIT_OK;
}

function unasked(): never {
  throw new Error("unreachable: pipes have no door");
}

function tellWhere({ url }: Listening, address: ListenAddress, { stderr }: Pick<Context, "stderr">): void {
  if (url !== undefined) stderr.write(printableLines(listeningOn(url, address)));
}

/** @throws CommandFailure */
function makeFolderOf(socket: string): void {
  try {
    mkdirSync(dirname(socket), { recursive: true, mode: PRIVATE });
  } catch (error) {
    throw new CommandFailure(`the folder of the socket ${socket} can't be made: ${reasonOf(error)}`, { cause: error });
  }
}
