import { type SocketName, socketName } from "@holdfast/executor";
import type { Context } from "../../command-line/context.ts";
import { UsageError } from "../../command-line/failure.ts";

/** Where a service manager leaves the first socket that it passes. */
const FIRST_DESCRIPTOR = 3;

/** Tells a program that takes the place of this one what was passed: it can't ask, because the descriptor has another number by then. */
export const PASSED_SOCKET_VARIABLE = "HOLDFAST_PASSED_SOCKET";

/** A socket that listens already. */
export type PassedSocket = SocketName & { readonly descriptor: number };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Find out what the service manager has passed to this very process (`LISTEN_FDS`, `LISTEN_PID`), and note it in the environment, for
 * {@link passedSocket} and for whoever takes the place of this program.
 */
export function notePassedSocket(context: Context): Context {
  const { env } = context;
  if (env[PASSED_SOCKET_VARIABLE] !== undefined || !isPassedOne(env)) return context;
  const name = socketName(FIRST_DESCRIPTOR);
  if (name === undefined) return context;
  const text = JSON.stringify({ ...name, descriptor: FIRST_DESCRIPTOR } satisfies PassedSocket);
  process.env[PASSED_SOCKET_VARIABLE] = text;
  // Its other members are read only where they are needed.
  return Object.create(context, { env: { value: { ...env, [PASSED_SOCKET_VARIABLE]: text } } });
}

/** @throws UsageError none was passed, or more than one, or one of a kind that can't be served on. */
export function passedSocket(env: Environment): PassedSocket {
  const noted = env[PASSED_SOCKET_VARIABLE];
  if (noted !== undefined) return JSON.parse(noted);
  if (isPassedOne(env)) {
    throw new UsageError("--listen fd://: what was passed is no TCP socket and no unix socket with a path");
  }
  throw new UsageError(
    isForThis(env)
      ? `--listen fd:// serves on one socket, and LISTEN_FDS says that ${env.LISTEN_FDS} were passed`
      : "--listen fd:// serves on a socket that a service manager passes (LISTEN_FDS), and none was passed to this process",
  );
}

function isForThis({ LISTEN_FDS, LISTEN_PID }: Environment): boolean {
  return Boolean(LISTEN_FDS) && LISTEN_PID === String(process.pid);
}

function isPassedOne(env: Environment): boolean {
  return isForThis(env) && env.LISTEN_FDS === "1";
}
