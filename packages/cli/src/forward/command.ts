import { type Executor, type Forwarding, isListenError } from "@holdfast/exec-client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf, UsageError } from "../command-line/failure.ts";
import { printable, printableLines } from "../command-line/printable.ts";
import { OutageNotice } from "../exec/outage-notice.ts";
import { openExecutor } from "../executor/open-executor.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { toldToEndServing } from "../serve/told-to-end.ts";
import { type ForwardWords, forwardWords, type Place } from "./forward-words.ts";

const LOOPBACK = "127.0.0.1";

/** On whose machine it listens. */
interface Direction {
  readonly isReverse: boolean;
  readonly otherMachines: boolean;
}

/** `holdfast forward` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const wanted = args.positionals.map(forwardWords);
  const direction = { isReverse: args.has("reverse"), otherMachines: args.has("allow-other-machines") };
  if (direction.otherMachines && !direction.isReverse) {
    throw new UsageError("--allow-other-machines is for --reverse: here, BIND says it");
  }
  using notice = new OutageNotice(context.stderr, "holdfast forward", recoveryTimeMs(args));
  await using opened = await openExecutor(context, args, { onStateChange: notice.onStateChange, ownConnections: true });
  // Until here a signal ends the program at once: somebody may be asked for a password, or nobody may answer.
  const toldToStop = toldToEndServing().then(() => undefined);
  const say = (text: string): void =>
    void context.stderr.write(printableLines(`holdfast forward: ${printable(text)}\n`));
  await using open = new AsyncDisposableStack();
  const ends: Promise<Error | undefined>[] = [];
  for (const words of wanted) {
    const forwarding = open.use(await start(opened.executor, words, direction, say));
    const line = args.has("json") ? JSON.stringify(toJson(forwarding, words, direction)) : toText(forwarding, words);
    context.stdout.write(printableLines(`${line}\n`));
    ends.push(forwarding.closed);
  }
  const end = await Promise.race([toldToStop, ...ends]);
  if (end === undefined) return EXIT_OK;
  throw new CommandFailure(reasonOf(end), { cause: end });
}

async function start(
  executor: Executor,
  words: ForwardWords,
  { isReverse, otherMachines }: Direction,
  say: (text: string) => void,
): Promise<Forwarding> {
  const { listen, to } = words;
  // With the executor all of them go, which is told once.
  const onError = (error: unknown): void => {
    if (executor.state !== "failed") say(reasonOf(error));
  };
  try {
    if (isReverse) return await executor.forwardReverse(to, { ...listen, otherMachines, onError });
    return await executor.forward(to, { ...listen, onError });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "invalid-argument") {
      throw new UsageError(reasonOf(error), { cause: error });
    }
    throw new CommandFailure(`${whatFailed(error, listen)}: ${reasonOf(error)}${hintFor(error)}`, { cause: error });
  }
}

function whatFailed(error: unknown, listen: Place): string {
  if (isListenError(error)) return "cannot listen there";
  if (!(error instanceof Error && "syscall" in error)) return "nothing is forwarded";
  return `cannot listen on ${"path" in listen ? listen.path : `${listen.host ?? LOOPBACK} port ${listen.port}`}`;
}

function hintFor(error: unknown): string {
  if (!isListenError(error)) return "";
  if (error.code === "EADDRINUSE") return "; choose another, or 0 for any that is free";
  return error.message.includes("otherMachines") ? " (--allow-other-machines)" : "";
}

function toText({ path, host, port }: Forwarding, { to }: ForwardWords): string {
  return printable(`${path ?? at(host, port)} -> ${"path" in to ? to.path : at(to.host ?? LOOPBACK, to.port)}`);
}

function toJson({ path, host, port, via }: Forwarding, { to }: ForwardWords, { isReverse }: Direction) {
  const listening = path === undefined ? { host, port } : { path };
  const target = "path" in to ? { path: to.path } : { host: to.host ?? LOOPBACK, port: to.port };
  return isReverse ? { remote: listening, local: target, via } : { local: listening, remote: target, via };
}

function at(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
