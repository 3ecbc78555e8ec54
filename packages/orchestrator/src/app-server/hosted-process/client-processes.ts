import { type Clock, Gate } from "@holdfast/rpc";
import { invalidRequest } from "../faults.ts";
import type { HostClient } from "../host-client.ts";
import { HostedProcess, type HostedWhat } from "./hosted-process.ts";
import type { ProcessWords } from "./process-words.ts";

/** The processes that run for clients. Each client knows its own alone, by ids that it chose. */
export class ClientProcesses {
  readonly #words: ProcessWords;
  readonly #clock: Clock;
  readonly #byClient = new Map<HostClient, Map<string | symbol, HostedProcess>>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #settled = new Gate();

  constructor(words: ProcessWords, clock: Clock) {
    this.#words = words;
    this.#clock = clock;
  }

  /**
   * Run a process, whose id is taken from now on until `use` has settled.
   *
   * @throws RpcFault - −32600: the client uses the id already.
   */
  async with<Result>(
    client: HostClient,
    what: HostedWhat,
    use: (process: HostedProcess) => Promise<Result>,
  ): Promise<Result> {
    const { id } = what;
    const key = id ?? Symbol("process");
    const own = this.#byClient.get(client) ?? new Map<string | symbol, HostedProcess>();
    if (own.has(key)) throw invalidRequest(this.#words.duplicate(String(id)));
    const process = new HostedProcess(what, this.#words, this.#clock);
    own.set(key, process);
    this.#byClient.set(client, own);
    try {
      return await use(process);
    } finally {
      process.finish();
      own.delete(key);
      if (own.size === 0) this.#byClient.delete(client);
      this.#await(process);
      this.#settled.open();
    }
  }

  /** @throws RpcFault - −32600: the client has no such process. */
  get(client: HostClient, id: string): HostedProcess {
    const process = this.#byClient.get(client)?.get(id);
    if (process === undefined) throw invalidRequest(this.#words.unknown(id));
    return process;
  }

  /** A client is gone: end what ran for it. */
  left(client: HostClient): void {
    for (const process of this.#byClient.get(client)?.values() ?? []) process.abandon();
  }

  /** End all of them. Resolves when nothing is left. */
  async close(): Promise<void> {
    for (const client of this.#byClient.keys()) this.left(client);
    while (this.#byClient.size > 0) await this.#settled.wait();
    await Promise.all(this.#leaving);
  }

  #await(process: HostedProcess): void {
    const gone = process.gone.finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }
}
