import { isLoopbackHost, systemClock } from "@holdfast/rpc";
import { LOOPBACK, shownPlace } from "../connection-place.ts";
import { ListenError } from "../errors/listen-error.ts";
import { TERMINATE_WAIT_MS } from "../limits.ts";
import type { RunningProcess } from "../process/running-process.ts";
import { settledWithin } from "../settled-within.ts";
import type { BridgePlace, BridgeTool } from "./bridge-tools.ts";
import { bridgePlace, findBridgeTool, folderOf, openBridged } from "./bridged-end.ts";
import { type FarEnd, REASON_MAX_CHARACTERS } from "./far-end.ts";
import type { FarListener, Incoming } from "./far-listener.ts";
import type { ForwardHost } from "./forward-host.ts";
import { LISTEN_TOOLS, listenCommand } from "./listen-tools.ts";
import type { ForwardReverseOptions } from "./types.ts";

/** Connections that wait here, far more than the program lets wait: one that tells of more is none of ours. */
const WAITING_MAX = 1_024;
const READY = /^ready (\S+) (\d+) (.+)$/;

/**
 * Have a program listen on the executor's machine, in its place.
 *
 * @throws UnsupportedError there is none that can. @throws ListenError it can't listen there.
 */
export async function bridgedListener(executor: ForwardHost, options: ForwardReverseOptions): Promise<FarListener> {
  const { host = LOOPBACK, port = 0, path, otherMachines = false, signal } = options;
  const place = path === undefined ? bridgePlace({ host, port }) : bridgePlace({ path });
  if (path === undefined && !otherMachines && !isLoopbackHost(host)) {
    const reason = `other machines can reach ${host}: otherMachines must be true if that is meant`;
    throw new ListenError("refused", reason);
  }
  const via = await findBridgeTool(executor, {
    operation: "forwardReverse",
    capability: "holdfastListeners",
    tools: LISTEN_TOOLS,
    signal,
  });
  const argv = listenCommand(via, place);
  const process = await executor.processes.start(
    { argv, cwd: folderOf(executor), stdin: "pipe", terminateOnClose: true },
    { signal },
  );
  const listener = new BridgedListener(executor, via, place, process);
  try {
    await listener.listening(place);
    return listener;
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

class BridgedListener implements FarListener {
  readonly via: BridgeTool;
  host: string | undefined;
  port: number | undefined;
  readonly #executor: ForwardHost;
  readonly #process: RunningProcess;
  /** Where it is to listen, for people. */
  readonly #shown: string;
  readonly #ready = Promise.withResolvers<string>();
  #folder = "";
  /** Of connections that nobody has taken; the program has a bound for them. */
  readonly #waiting: string[] = [];
  readonly #accepts: PromiseWithResolvers<Incoming>[] = [];
  /** Asked to be reset. */
  readonly #leaving = new Map<string, () => void>();
  #end: Error | undefined;

  constructor(executor: ForwardHost, via: BridgeTool, place: BridgePlace, process: RunningProcess) {
    this.#executor = executor;
    this.#shown = shownPlace(place);
    this.via = via;
    this.#process = process;
    this.#ready.promise.catch(() => {});
    this.#read().then(
      (said) => this.#ended(new Error(`what listens there has ended${said === "" ? "" : `: ${said}`}`), said),
      (error: Error) => this.#ended(error, ""),
    );
  }

  /** @throws ListenError */
  async listening(place: BridgePlace): Promise<void> {
    const [, host = "", port = "", folder = ""] = READY.exec(await this.#ready.promise) ?? [];
    this.#folder = folder;
    if ("path" in place) return;
    this.host = host;
    this.port = Number(port);
  }

  accept(): Promise<Incoming> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const number = this.#waiting.shift();
    if (number !== undefined) return Promise.resolve(this.#incoming(number));
    const accept = Promise.withResolvers<Incoming>();
    this.#accepts.push(accept);
    return accept.promise;
  }

  async close(): Promise<void> {
    await this.#process.write("quit\n").catch(() => {});
    await settledWithin(this.#process.closed, TERMINATE_WAIT_MS, systemClock);
    await this.#process[Symbol.asyncDispose]();
  }

  /** @returns what it said on stderr, to its end. */
  async #read(): Promise<string> {
    const decoder = new TextDecoder();
    let said = "";
    let line = "";
    for await (const event of this.#process.events()) {
      if (event.type !== "output") continue;
      const text = decoder.decode(event.data, { stream: true });
      if (event.stream === "stderr") said = `${said}${text}`.slice(0, REASON_MAX_CHARACTERS);
      else {
        const lines = `${line}${text}`.split("\n");
        line = (lines.pop() ?? "").slice(0, REASON_MAX_CHARACTERS);
        for (const each of lines) this.#told(each);
      }
    }
    return said.trim();
  }

  #told(line: string): void {
    const [word = "", number = ""] = line.split(" ");
    if (word === "ready") this.#ready.resolve(line);
    if (word === "gone") this.#leaving.get(number)?.();
    if (word !== "new") return;
    const accept = this.#accepts.shift();
    if (this.#waiting.length >= WAITING_MAX) throw new Error("what listens there tells of too many connections");
    if (accept === undefined) this.#waiting.push(number);
    else accept.resolve(this.#incoming(number));
  }

  #ended(error: Error, said: string): void {
    this.#end = error;
    const [code = "EIO", ...reason] = said.split(" ");
    this.#ready.reject(
      said === "" ? error : new ListenError(code, `${this.#shown} can't be listened on: ${reason.join(" ")}`),
    );
    for (const accept of this.#accepts.splice(0)) accept.reject(error);
    for (const gone of this.#leaving.values()) gone();
  }

  #incoming(number: string): Incoming {
    return {
      open: async () => {
        const end = await openBridged(this.#executor, this.via, { path: `${this.#folder}/${number}` });
        return this.#resettable(end, number);
      },
      refuse: () => this.#reset(number),
    };
  }

  /** Before the program that is joined with it goes: its end looks like that of all there was to send. */
  #resettable(end: FarEnd, number: string): FarEnd {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    end.closed.then(over, () => {});
    return {
      write: (data) => end.write(data),
      closeStdin: () => end.closeStdin(),
      received: () => end.received(),
      get closed() {
        return end.closed;
      },
      [Symbol.asyncDispose]: async () => {
        if (!isOver) await this.#reset(number);
        await end[Symbol.asyncDispose]();
      },
    };
  }

  async #reset(number: string): Promise<void> {
    if (this.#end !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#leaving.set(number, resolve);
    const told = this.#process.write(`reset ${number}\n`).then(() => promise);
    await settledWithin(told, TERMINATE_WAIT_MS, systemClock);
    this.#leaving.delete(number);
  }
}
