import { dirname } from "node:path";
import { listenWebSocket, socketUrl } from "@holdfast/rpc/websocket";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { madeRuntimeFolder, runtimeFolder } from "../executor/default-socket.ts";
import type { AccessSettings } from "./access-settings.ts";
import type { ListenAddress } from "./listen-address.ts";
import { LISTEN_TIMES } from "./listen-times.ts";
import type { Listening, ListenParts } from "./listening.ts";
import { openDoor } from "./open-door.ts";
import { replaceableListening } from "./replace/replaceable-listening.ts";
import { Secrets } from "./secrets.ts";

type UnixAddress = Extract<ListenAddress, { kind: "unix" }>;

/** Listen on a unix socket. @throws CommandFailure it can't be had, or a secret that clients must know can't be read. */
export async function listenOnUnixSocket(
  { path, descriptor: passed }: UnixAddress,
  access: AccessSettings,
  { executor, context: { env }, log, listener, differences }: ListenParts,
): Promise<Listening> {
  const secrets = await Secrets.read(access);
  const { checkCredentials } = secrets;
  const door = openDoor(executor, access, { transport: "unix", checkCredentials }, log);
  if (passed === undefined && dirname(path) === runtimeFolder(env)) madeRuntimeFolder(env);
  const open = (descriptor = passed) =>
    listenWebSocket({
      path,
      descriptor,
      // Whoever passed a socket takes it away.
      ownsPath: passed === undefined,
      ...LISTEN_TIMES,
      ...differences,
      ...door,
      onBug: (error) => log.warn(reasonOf(error)),
    });
  try {
    return await replaceableListening(open, listener, secrets);
  } catch (error) {
    throw new CommandFailure(`cannot listen on ${socketUrl(path)}: ${listenReason(error)}`, { cause: error });
  }
}

function listenReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "somebody listens there already; choose another path, or end the other one";
  if (code === "ENOENT") return "its folder does not exist; make it, with mode 700";
  if (code === "EACCES") return "its folder can't be written; choose one of your own";
  return reasonOf(error);
}
