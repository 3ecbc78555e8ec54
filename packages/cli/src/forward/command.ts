import { type Forwarding, forward } from "@holdfast/exec-client/forward";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf, UsageError } from "../command-line/failure.ts";
import { printable, printableLines } from "../command-line/printable.ts";
import { OutageNotice } from "../exec/outage-notice.ts";
import { type OpenExecutor, openExecutor } from "../executor/open-executor.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { toldToEndServing } from "../serve/told-to-end.ts";
import { type ForwardWords, forwardWords } from "./forward-words.ts";

/** `holdfast forward` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const wanted = args.positionals.map(forwardWords);
  using notice = new OutageNotice(context.stderr, "holdfast forward", recoveryTimeMs(args));
  await using opened = await openExecutor(context, args, { onStateChange: notice.onStateChange, ownConnections: true });
  // Until here a signal ends the program at once: somebody may be asked for a password, or nobody may answer.
  const toldToStop = toldToEndServing().then(() => undefined);
  const say = (text: string): void =>
    void context.stderr.write(printableLines(`holdfast forward: ${printable(text)}\n`));
  await using open = new AsyncDisposableStack();
  for (const words of wanted) {
    const forwarding = open.use(await start(opened, words, say));
    const line = args.has("json") ? JSON.stringify(toJson(forwarding, words)) : toText(forwarding, words);
    context.stdout.write(printableLines(`${line}\n`));
  }
  const lost = await Promise.race([toldToStop, opened.executor.closed]);
  if (lost === undefined) return EXIT_OK;
  throw new CommandFailure(`the executor is out of reach: ${lost.reason}`);
}

async function start(
  { executor }: OpenExecutor,
  words: ForwardWords,
  say: (text: string) => void,
): Promise<Forwarding> {
  const { local, remoteHost, remotePort } = words;
  // With the executor all of them go, which is told once.
  const onError = (error: unknown): void => {
    if (executor.state !== "failed") say(reasonOf(error));
  };
  try {
    return await forward(executor, remotePort, { ...local, remoteHost, onError });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "invalid-argument") {
      throw new UsageError(reasonOf(error), { cause: error });
    }
    const isHere = error instanceof Error && "syscall" in error;
    const what = isHere
      ? `cannot listen on ${"path" in local ? local.path : `${local.host ?? "127.0.0.1"} port ${local.port}`}`
      : "nothing is forwarded";
    throw new CommandFailure(`${what}: ${reasonOf(error)}`, { cause: error });
  }
}

function toText(forwarding: Forwarding, { remoteHost = "127.0.0.1", remotePort }: ForwardWords): string {
  const { path, host, port } = forwarding;
  return printable(`${path ?? at(host, port)} -> ${at(remoteHost, remotePort)}`);
}

function toJson({ path, host, port, via }: Forwarding, { remoteHost = "127.0.0.1", remotePort }: ForwardWords) {
  const local = path === undefined ? { host, port } : { path };
  return { local, remote: { host: remoteHost, port: remotePort }, via };
}

function at(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
