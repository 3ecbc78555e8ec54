import { until } from "@holdfast/testkit";
import { temporaryFolder } from "../places.ts";
import { RelayFront } from "./front.ts";
import { dialOut, type JoinedExecutor, untilJoined } from "./joined-executor.ts";
import type { Join } from "./joins.ts";
import { type ServedRelay, serveRelay } from "./served-relay.ts";

/** A relay with an executor behind it, and the way there for a harness. Everything that is made lies in `folder`. */
export interface Joined extends AsyncDisposable {
  readonly folder: string;
  readonly relay: ServedRelay;
  readonly executor: JoinedExecutor;
  /** The executor's way to the relay. */
  readonly executorFront: RelayFront;
  /** The harness's. */
  readonly harnessFront: RelayFront;
  /** Do something to the line, and wait until the harness has shaken hands over another socket. */
  interrupted(interrupt: () => void | Promise<void>): Promise<void>;
}

/** Of an answered upgrade and the second message of a handshake. */
const SHAKEN_BYTES = 3_500;
const HEALED_MS = 40_000;

/** Releases that are hung up on by the registry take their session for lost. Between them and a relay that is started again has to be something that answers. */
const BAD_GATEWAY = 502;

export async function joined({ harness, executor: peer }: Join): Promise<Joined> {
  await using made = new AsyncDisposableStack();
  const folder = made.use(await temporaryFolder()).path;
  const stateFolder = made.use(await temporaryFolder()).path;
  const relay = made.use(await serveRelay(stateFolder));
  const executorFront = made.use(await RelayFront.to(relay.url));
  const harnessFront = made.use(await RelayFront.to(relay.url, harness === "holdfast" ? undefined : BAD_GATEWAY));
  const executor = made.use(await dialOut({ peer, url: executorFront.url, token: relay.executorToken, cwd: folder }));
  await untilJoined(executorFront, executor);
  const kept = made.move();
  return {
    folder,
    relay,
    executor,
    executorFront,
    harnessFront,
    interrupted: async (interrupt) => {
      const { line } = harnessFront;
      const before = line.connectionCount;
      await interrupt();
      const bytes = line.bytesOf("down");
      const what = (): string => `a line that heals: ${executor.log()} ${relay.log()}`;
      const isShaken = (): boolean => line.connectionCount > before && line.bytesOf("down") - bytes > SHAKEN_BYTES;
      await until(isShaken, { deadlineMs: HEALED_MS, what });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
