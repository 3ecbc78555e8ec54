import { createGateway } from "@holdfast/exec-client/gateway";
import { admissionOfOwnUser } from "@holdfast/executor";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK, UsageError } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { secondsOption } from "../command-line/seconds-option.ts";
import { credentialsOf } from "../executor/credentials.ts";
import { namedUrl } from "../executor/executor-url.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { targetOf } from "../executor/target-of.ts";
import { IdleEnd } from "../serve/idle-end.ts";
import { listen } from "../serve/listen.ts";
import { type ListenAddress, parseListenAddress } from "../serve/listen-address.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../serve/log/log-settings.ts";
import { openLog } from "../serve/log/open-log.ts";
import { toldToEndServing } from "../serve/told-to-end.ts";
import { HELD_RECOVERY_SECONDS } from "./held-recovery.ts";

const DEFAULT_LISTEN = "ws://127.0.0.1:0";
/** A day. */
const MAX_IDLE_SECONDS = 86_400;

/** Whoever comes is of this user, whatever is asked for on the other side. */
const OWN_USER = {
  otherLocalUsers: false,
  otherMachines: false,
  allowedOrigins: [],
  auth: undefined,
  tls: undefined,
} as const;

/** `holdfast connect` */
export async function run(context: Context, args: Arguments): Promise<number> {
  // Not from the environment: there it is what this command stands for.
  const url = namedUrl(args, context.env);
  if (url === undefined) throw new UsageError("connect leads to an executor elsewhere: name it by --url or --program");
  const address = listenAddress(args, context);
  const idle = new IdleEnd(secondsOption(args, "idle-timeout", MAX_IDLE_SECONDS) ?? Number.POSITIVE_INFINITY);
  const recoverForMs = recoveryTimeMs(args, HELD_RECOVERY_SECONDS);
  const level = args.choice("log-level", LOG_LEVELS) ?? "warn";
  const format = args.choice("log-format", LOG_FORMATS) ?? "text";
  const log = openLog({ level, format, withArguments: false }, context);
  const toldToEnd = toldToEndServing();
  const credentials = await credentialsOf(args, context, url);
  const onClients = (count: number): void => idle.count(count);
  // Nobody sits before it when a line is dialled again.
  const target = targetOf(url, { env: context.env });
  await using gateway = createGateway(target, { ...credentials, recoverForMs, onClients });
  const executor = { accept: gateway.accept, admission: admissionOfOwnUser };
  const listening = await listen({ address, access: OWN_USER }, { executor, context, log });
  if (listening.url !== undefined) {
    context.stdout.on("error", () => log.warn("the URL could not be written to stdout: its reader is gone"));
    context.stdout.write(printableLines(`${listening.url}\n`));
  }
  await Promise.race([toldToEnd, listening.ended, idle.ended]);
  await Promise.all([gateway.close(), listening.close()]);
  return EXIT_OK;
}

/** @throws UsageError others could come there. */
function listenAddress(args: Arguments, context: Context): ListenAddress {
  const address = parseListenAddress(args.text("listen") ?? DEFAULT_LISTEN, context);
  if (address.kind === "websocket" && !address.isLoopback) {
    throw new UsageError(`${address.host} can be reached from other machines: listen on 127.0.0.1`);
  }
  return address;
}
