import { type RelayService, startRelayService } from "@holdfast/relay/service";
import { TokensFileError } from "@holdfast/relay/tokens";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { openLog } from "../serve/log/open-log.ts";
import type { ServeLog } from "../serve/log/serve-log.ts";
import { readTls } from "../serve/tls-settings.ts";
import { toldToEndServing } from "../serve/told-to-end.ts";
import { version } from "../version.ts";
import { type RelaySettings, relaySettings } from "./serve-settings.ts";
import { openStores } from "./stores.ts";

/** `holdfast relay serve` */
export async function serve(context: Context, args: Arguments, tokensFile: string): Promise<number> {
  const settings = relaySettings(args, context);
  const log = openLog(settings.log, context);
  const notices = await noticesFor(context, log);
  let service: RelayService | undefined;
  const toldToEnd = toldToEndServing({
    isExpected: settings.tls !== undefined,
    reload: () => void reload(settings, service, log),
  });
  service = await started(settings, tokensFile, log);
  try {
    const { url, listenUrl } = service;
    context.stdout.on("error", () => log.warn("the URL could not be written to stdout: its reader is gone"));
    context.stdout.write(printableLines(url === listenUrl ? `${url}\n` : `${url}\nlistening on ${listenUrl}\n`));
    notices?.ready(url);
    log.info?.("serving", { url, listen: listenUrl, version: version(), pid: process.pid });
    await toldToEnd;
    notices?.stopping();
    log.info?.("shutting down");
  } finally {
    await service.close();
  }
  return EXIT_OK;
}

/** What tells the manager of services, which takes a part of this program that is large, and that nobody else needs. */
async function noticesFor({ env }: Context, log: ServeLog) {
  if (env.NOTIFY_SOCKET === undefined) return undefined;
  const { ServiceNotices } = await import("../serve/manager/service-notices.ts");
  return new ServiceNotices(env, (message, fields) => log.warn(message, fields));
}

async function started(settings: RelaySettings, tokensFile: string, log: ServeLog): Promise<RelayService> {
  const { host, port, publicUrl } = settings;
  const tls = settings.tls === undefined ? undefined : await readTls(settings.tls);
  const stores = await openStores(settings, log);
  try {
    return await startRelayService({ host, port, tls, publicUrl, tokensFile, stores, log });
  } catch (error) {
    if (error instanceof TokensFileError) {
      const help = error.isMissing
        ? `; make one: holdfast relay token --tokens ${tokensFile} --role executor --environment '*'`
        : "";
      throw new CommandFailure(`${reasonOf(error)}${help}`, { cause: error });
    }
    throw new CommandFailure(`cannot listen on ${host} port ${port}: ${listenReason(error)}`, { cause: error });
  }
}

function listenReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "the port is in use; choose another one, or 0 for any free one";
  if (code === "EACCES") return "the system does not allow it; choose a port above 1023";
  if (code === "EADDRNOTAVAIL") return "this machine does not have that address; 127.0.0.1 is always there";
  return reasonOf(error);
}

/** Read the certificate anew. What is wrong changes nothing. */
async function reload({ tls }: RelaySettings, service: RelayService | undefined, log: ServeLog): Promise<void> {
  if (tls === undefined || service === undefined) return;
  try {
    service.setTls(await readTls(tls));
    log.info?.("the certificate was read anew");
  } catch (error) {
    log.error("the certificate could not be read anew, and stays as it was", { reason: reasonOf(error) });
  }
}
