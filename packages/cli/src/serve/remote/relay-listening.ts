import { type Offer, offer } from "@holdfast/relay/offer";
import { keepAlive } from "@holdfast/rpc/client";
import { CommandFailure, reasonOf } from "../../command-line/failure.ts";
import { printableLines } from "../../command-line/printable.ts";
import type { Listening, ListenParts } from "../listening.ts";
import { readBearerLine } from "./bearer-line.ts";
import { CredentialFrames } from "./credential-frames.ts";
import type { RelayAddress } from "./relay-address.ts";

interface Credential {
  readonly token: () => string;
  /** Resolves when it is gone for good. */
  readonly ended?: Promise<void> | undefined;
  close?(): void;
}

const NEVER = new Promise<never>(() => {});

/**
 * Be reached through a relay. Done when clients can come, or when the program is told to end before.
 *
 * @throws CommandFailure the registry does not want this executor, or there is no credential.
 */
export async function listenThroughRelay(address: RelayAddress, parts: ListenParts): Promise<Listening> {
  const letGo = keepAlive();
  const toldToEnd = (parts.toldToEnd ?? NEVER).then(() => undefined);
  let credential: Credential | undefined;
  try {
    credential = await Promise.race([credentialOf(address, parts), toldToEnd]);
    if (credential === undefined) return { url: undefined, ended: Promise.resolve(), close: async () => letGo() };
    return await offered(address, credential, parts, letGo, toldToEnd);
  } catch (error) {
    letGo();
    credential?.close?.();
    throw error instanceof CommandFailure ? error : new CommandFailure(reasonOf(error), { cause: error });
  }
}

async function credentialOf({ credential, environmentId }: RelayAddress, parts: ListenParts): Promise<Credential> {
  const { context, log } = parts;
  switch (credential.kind) {
    case "token":
      return { token: () => credential.token };
    case "registration-bearer": {
      const token = await readBearerLine(context.stdin);
      return { token: () => token };
    }
    case "executor-credential": {
      const frames = new CredentialFrames(context.stdin, environmentId, log);
      await frames.whenFirst();
      return { token: frames.token, ended: frames.ended, close: () => frames.close() };
    }
  }
}

async function offered(
  { registryUrl, environmentId, name, allowsPlaintext }: RelayAddress,
  credential: Credential,
  { executor, context, log }: ListenParts,
  letGo: () => void,
  toldToEnd: Promise<undefined>,
): Promise<Listening> {
  const waiting = new WaitingNotes(context.stderr);
  const running = offer({
    registryUrl,
    environmentId,
    allowsPlaintext,
    credential: credential.token,
    accept: (port, principal) => executor.accept(port, principal),
    onWaiting: (reason) => waiting.note(reason),
    log,
  });
  const close = async (): Promise<void> => {
    credential.close?.();
    await running.close();
    letGo();
  };
  const ended = endOf(running, credential);
  ended.catch(() => {});
  const first = await Promise.race([
    running.connected.then(() => "connected" as const),
    toldToEnd,
    credential.ended ?? NEVER,
  ]);
  if (first === undefined) return { url: undefined, ended: Promise.resolve(), close };
  waiting.stop();
  log.info?.("reached through a relay", { environment_id: environmentId, name });
  return { url: running.url, ended, close };
}

/** @throws CommandFailure the registry will have it no more. */
async function endOf(running: Offer, credential: Credential): Promise<void> {
  try {
    await Promise.race([running.ended, credential.ended ?? NEVER]);
  } catch (error) {
    throw new CommandFailure(reasonOf(error), { cause: error });
  }
}

/** Why nobody can come yet, for whoever waits for the first line on stdout: each reason once, and from then on it is the log's. */
class WaitingNotes {
  readonly #stderr: Pick<NodeJS.WriteStream, "write">;
  #last: string | undefined;
  #isOver = false;

  constructor(stderr: Pick<NodeJS.WriteStream, "write">) {
    this.#stderr = stderr;
  }

  note(reason: string): void {
    if (this.#isOver || reason === this.#last) return;
    this.#last = reason;
    this.#stderr.write(printableLines(`holdfast serve: not reachable yet, and trying again: ${reasonOf(reason)}\n`));
  }

  stop(): void {
    this.#isOver = true;
  }
}
