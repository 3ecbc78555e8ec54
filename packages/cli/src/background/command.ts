import { text } from "node:stream/consumers";
import { openReadyLine } from "@holdfast/exec-client/gateway";
import { joinPorts, systemClock } from "@holdfast/rpc";
import { stdioPort } from "@holdfast/rpc/stdio";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK } from "../command-line/failure.ts";
import { madeRuntimeFolder } from "../executor/default-socket.ts";
import { targetOf } from "../executor/target-of.ts";
import { IdleEnd } from "../serve/idle-end.ts";
import { toldToEndServing } from "../serve/told-to-end.ts";
import type { BackgroundWords } from "./background-words.ts";
import { firstLine } from "./first-line.ts";
import { READY, takeWords } from "./greeting.ts";
import { isListening, listenPrivately, type PrivateListener } from "./private-listener.ts";
import { SpareLine } from "./spare-line.ts";

/** How often to look whether there is still a way here, milliseconds. */
const LOOK_MS = 2_000;

/** By how much the time of day must have gone ahead for the machine to have slept, milliseconds. */
const SLEEP_MS = 5_000;

/**
 * Keep a line to an executor ready for commands of this user, until nobody has come for long. Whoever comes gets the line that is ready, or is
 * turned away at once and dials by itself: nobody waits here.
 */
export async function run({ stdin, env }: Context): Promise<number> {
  const words = JSON.parse(await text(stdin)) as BackgroundWords;
  const toldToEnd = toldToEndServing();
  madeRuntimeFolder(env);
  // Another command was quicker.
  if (await isListening(words.socket)) return EXIT_OK;
  const { credentials, idleMs } = words;
  const clock = systemClock;
  const target = targetOf(new URL(words.url), { env });
  const spare = new SpareLine({
    clock,
    open: (signal) => openReadyLine(target, { ...credentials, clientName: "holdfast", signal, clock }),
  });
  const idle = new IdleEnd(idleMs);
  let clients = 0;
  const count = (change: number): void => {
    clients += change;
    idle.count(clients);
  };
  const listener = await listenPrivately(words.socket, (socket) => {
    socket.on("error", () => {});
    void firstLine(socket, clock).then((said) => {
      const line = said === takeWords(words.way) ? spare.take() : undefined;
      if (line === undefined) {
        socket.destroy();
        return;
      }
      count(1);
      socket.write(READY);
      void joinPorts(stdioPort({ input: socket, output: socket }), line.port).then(() => count(-1));
    });
  });
  const unreachable = outOfReach({ listener, clients: () => clients, onWaking: () => spare.renew() });
  await Promise.race([toldToEnd, idle.ended, unreachable]);
  listener.close();
  spare.close();
  return EXIT_OK;
}

interface Watched {
  readonly listener: PrivateListener;
  readonly clients: () => number;
  /** The machine was suspended: its lines are dead, and would be noticed to be only after some silence. */
  readonly onWaking: () => void;
}

/** Resolves when nobody can come any more, another one having the name or the folder being gone, and nobody is there. */
function outOfReach({ listener, clients, onWaking }: Watched): Promise<void> {
  return new Promise((resolve) => {
    let lookedAt = Date.now();
    const look = (): void => {
      if (Date.now() - lookedAt > LOOK_MS + SLEEP_MS) onWaking();
      lookedAt = Date.now();
      if (!listener.isFound && clients() === 0) resolve();
      else systemClock.after(LOOK_MS, look);
    };
    systemClock.after(LOOK_MS, look);
  });
}
