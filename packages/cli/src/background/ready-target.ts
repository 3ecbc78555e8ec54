import { dirname } from "node:path";
import type { DialTarget } from "@holdfast/exec-client";
import { dialTarget } from "@holdfast/exec-client/gateway";
import type { FramePort } from "@holdfast/rpc";
import { isPrivateFolder } from "../executor/default-socket.ts";
import type { RemoteContext } from "../executor/remote-context.ts";
import { targetOf } from "../executor/target-of.ts";
import type { BackgroundPlace, Far } from "./background-place.ts";
import { takeReadyLine } from "./take-ready-line.ts";

/** An executor whose first line is ready; when it is lost, the executor is dialled as it would have been. Undefined: none is ready. */
export async function readyTarget(
  { url, credentials }: Far,
  place: BackgroundPlace,
  env: RemoteContext["env"],
): Promise<DialTarget | undefined> {
  // Whoever listens there is told the credentials.
  if (!isPrivateFolder(dirname(place.socket))) return undefined;
  let ready: FramePort | undefined = await takeReadyLine(place);
  if (ready === undefined) return undefined;
  return {
    async dial({ signal }) {
      const port = ready ?? (await dialTarget(targetOf(url, { env }), { ...credentials, signal }));
      ready = undefined;
      return port;
    },
  };
}
