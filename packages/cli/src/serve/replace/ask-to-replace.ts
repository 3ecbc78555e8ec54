import { randomUUID } from "node:crypto";
import { systemClock } from "@holdfast/rpc";
import type { Arguments } from "../../command-line/arguments.ts";
import type { Context } from "../../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf, UsageError } from "../../command-line/failure.ts";
import { printableLines } from "../../command-line/printable.ts";
import { type ExecutorRecord, isServing } from "./executor-record.ts";
import { ExecutorRecords } from "./executor-records.ts";
import { REQUEST_SIGNAL } from "./replacement.ts";
import { ownInvocation } from "./successor.ts";

/** A trial of the program, what has to be let finish, and its start. */
const PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 20;

/** `holdfast serve --replace`: have this program take the place of an executor that runs. */
export async function askToReplace({ env, stdout }: Context, args: Pick<Arguments, "text">): Promise<number> {
  const records = new ExecutorRecords(env);
  const executor = chosen(records.list(), args.text("listen"));
  const id = randomUUID();
  try {
    const { node, program } = ownInvocation();
    try {
      records.ask(executor.identity, { id, successor: { node, program } });
    } finally {
      // The one that waits there, too, may not have been heard of.
      process.kill(executor.pid, REQUEST_SIGNAL);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      const message = `the executor at ${executor.url} has been asked for another replacement at this moment; ask again`;
      throw new CommandFailure(message, { cause: error });
    }
    throw new CommandFailure(`the executor at ${executor.url} can't be asked: ${reasonOf(error)}`, { cause: error });
  }
  const refusal = await outcomeOf(id, executor, records);
  if (refusal !== undefined) {
    throw new CommandFailure(`the executor at ${executor.url} was not replaced, and goes on: ${refusal}`);
  }
  stdout.write(printableLines(`${executor.url}\n`));
  return EXIT_OK;
}

/** @throws CommandFailure there is none, or more than one. */
function chosen(executors: readonly ExecutorRecord[], listen: string | undefined): ExecutorRecord {
  const meant = listen === undefined ? executors : executors.filter(({ url }) => isSameAddress(url, listen));
  const [first, ...more] = meant;
  if (first === undefined) {
    const where = listen === undefined ? "" : ` at ${listen}`;
    throw new CommandFailure(`no executor of this user runs${where}; start one without --replace`);
  }
  if (more.length === 0) return first;
  const urls = meant.map(({ url }) => url).join(", ");
  throw new UsageError(`there are executors at ${urls}: say which one with --listen`);
}

function isSameAddress(url: string, listen: string): boolean {
  const [left, right] = [URL.parse(url)?.href ?? url, URL.parse(listen)?.href ?? listen];
  return left === right;
}

/** @returns why nothing came of it; undefined when this program serves. @throws CommandFailure when the executor does not say. */
async function outcomeOf(id: string, executor: ExecutorRecord, records: ExecutorRecords): Promise<string | undefined> {
  const end = systemClock.now() + PATIENCE_MS;
  while (systemClock.now() < end) {
    const outcome = records.read(executor.identity)?.outcome;
    if (outcome?.id === id) return outcome.refusal;
    if (!isServing(executor)) throw new CommandFailure(`the executor at ${executor.url} has ended meanwhile`);
    await new Promise<void>((resolve) => systemClock.after(LOOK_EVERY_MS, resolve));
  }
  throw new CommandFailure(
    `the executor at ${executor.url} did not say within ${PATIENCE_MS / 1_000} s what became of it`,
  );
}
