import { seededRandom } from "../soak/random.ts";
import { CostLine } from "./cost-line.ts";
import { newGround } from "./ground.ts";
import { MeasuredExecutor } from "./measured-executor.ts";
import { type CostlyRequest, type Ground, randomRequest } from "./random-request.ts";

/** Most that one request may hold the event loop, in milliseconds of its thread's processor time on a usual machine. */
export const MAX_TURN_MS = 100;

/** A request that is too costly is asked again: what a collection of garbage or a first call adds is not its own. */
const LOOKS = 3;
const PATIENCE_MS = 1_500;
/** Others ask while a request is under way, and are answered in the meantime. */
const PING = ["environment/status", {}] as const;

export interface CostChoice {
  readonly seed: number;
  readonly requests: number;
  /** Only this one of them. */
  readonly only?: number | undefined;
  readonly confined: boolean;
}

/** One request that held the event loop for too long. */
export interface Finding {
  readonly index: number;
  readonly method: string;
  readonly isConfined: boolean;
  readonly bytes: number;
  readonly longestTurnMs: number;
}

export interface CostReport {
  readonly asked: number;
  /** The longest turns of each method, in milliseconds of a usual machine. */
  readonly turns: ReadonlyMap<string, readonly number[]>;
  readonly findings: readonly Finding[];
}

/** Ask an executor for random things, and measure how long each keeps everybody else waiting. */
export async function runCost(choice: CostChoice, progress: (line: string) => void): Promise<CostReport> {
  await using ground = await newGround();
  await using executor = await MeasuredExecutor.start(ground.folder);
  const runner = new Runner(executor, ground);
  const turns = new Map<string, number[]>();
  const findings: Finding[] = [];
  let asked = 0;
  for (let index = choice.only ?? 0; index < (choice.only ?? choice.requests - 1) + 1; index += 1) {
    const request = randomRequest(seededRandom(choice.seed * 1_000_003 + index), await runner.ground());
    if (request.isConfined && !choice.confined) continue;
    asked += 1;
    const longestTurnMs = await runner.cost(request);
    const known = turns.get(request.method);
    if (known === undefined) turns.set(request.method, [longestTurnMs]);
    else known.push(longestTurnMs);
    if (longestTurnMs > MAX_TURN_MS) {
      const { method, isConfined } = request;
      const found = { index, method, isConfined, bytes: JSON.stringify(request).length, longestTurnMs };
      findings.push(found);
      progress(findingLine(found));
    }
    if (asked % 1_000 === 0) progress(`${asked} requests`);
  }
  runner.close();
  return { asked, turns, findings };
}

export function findingLine({ index, method, isConfined, bytes, longestTurnMs }: Finding): string {
  const what = isConfined ? `${method}, confined` : method;
  return `request ${index} (${what}, ${bytes} bytes) held the event loop for ${longestTurnMs.toFixed(0)} ms`;
}

/** Every method with what half, 99 of 100 and all of its requests took at most. */
export function* costTable({ turns }: CostReport): Generator<string> {
  yield `${"longest turn of the loop, ms".padEnd(30)}${"n".padStart(7)}${"p50".padStart(9)}${"p99".padStart(9)}${"max".padStart(9)}`;
  for (const [method, all] of [...turns].sort(([a], [b]) => a.localeCompare(b))) {
    const sorted = [...all].sort((a, b) => a - b);
    const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(2).padStart(9);
    yield `${method.padEnd(30)}${String(all.length).padStart(7)}${at(0.5)}${at(0.99)}${at(1)}`;
  }
}

class Runner {
  readonly #executor: MeasuredExecutor;
  readonly #place: Omit<Ground, "processIds">;
  #line: CostLine | undefined;
  #other: CostLine | undefined;

  constructor(executor: MeasuredExecutor, place: Omit<Ground, "processIds">) {
    this.#executor = executor;
    this.#place = place;
  }

  /** With processes of a session that lives. */
  async ground(): Promise<Ground> {
    await this.#lines();
    return { ...this.#place, processIds: ["reads", "does not read"] };
  }

  /** Of a request alone, at its best; what is too much is weighed by what the machine takes for usual work at that time. */
  async cost(request: CostlyRequest): Promise<number> {
    let best = Number.POSITIVE_INFINITY;
    for (let look = 0; look < LOOKS && best > MAX_TURN_MS; look += 1) {
      const [line, other] = await this.#lines();
      const asked = { patienceMs: PATIENCE_MS, rawId: request.rawId };
      const { longestTurnMs } = await this.#executor.during(async () => {
        await Promise.all([line.ask(request.method, request.params, asked), other.ask(...PING)]);
        await other.ask(...PING);
      });
      const slowness = longestTurnMs > MAX_TURN_MS ? await this.#executor.slowness() : 1;
      best = Math.min(best, longestTurnMs / slowness);
      if (request.method === "process/start")
        await line.ask("process/terminate", { processId: request.params.processId });
    }
    return best;
  }

  close(): void {
    this.#line?.close();
    this.#other?.close();
  }

  async #lines(): Promise<readonly [CostLine, CostLine]> {
    if (this.#other?.isOpen !== true) this.#other = await CostLine.open(this.#executor.url);
    if (this.#line?.isOpen !== true) {
      this.#line = await CostLine.open(this.#executor.url);
      await this.#start("reads", ["/bin/sh", "-c", "exec cat >/dev/null"]);
      await this.#start("does not read", ["/bin/sleep", "86400"]);
    }
    return [this.#line, this.#other];
  }

  async #start(processId: string, argv: readonly string[]): Promise<void> {
    await this.#line?.ask("process/start", { processId, argv, cwd: "file:///", env: {}, tty: false, pipeStdin: true });
  }
}
