import { type ChildProcess, fork } from "node:child_process";
import { on, once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { until } from "@holdfast/testkit";
import type { Guarded, Unguarded } from "../../src/guardian/index.ts";

export type HostOrder =
  | { readonly kind: "status" }
  | {
      readonly kind: "start";
      readonly argv: readonly string[];
      readonly isGuarded: boolean;
      readonly ownSession: boolean;
    };

export type HostReport =
  | { readonly kind: "ready" }
  | { readonly kind: "status"; readonly status: Guarded | Unguarded }
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "notice"; readonly text: string };

const HOST = fileURLToPath(new URL("./host.ts", import.meta.url));

/** A program that embeds an executor. Whatever it started is killed with it when disposed. */
export class Host implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly notices: string[] = [];
  readonly #started = new Set<number>();
  readonly #exited: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.#exited = once(child, "exit");
    child.on("message", (report: HostReport) => {
      if (report.kind === "notice") this.notices.push(report.text);
    });
  }

  static async start(launcher: readonly string[] = []): Promise<Host> {
    const [execPath = process.execPath, ...execArgv] = launcher.length === 0 ? [] : [...launcher, process.execPath];
    const host = new Host(fork(HOST, [], { execPath, execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] }));
    await host.#hear("ready");
    return host;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Start a program in the host. @returns its pid. */
  async run(
    argv: readonly string[],
    { isGuarded = true, ownSession = true }: { readonly isGuarded?: boolean; readonly ownSession?: boolean } = {},
  ): Promise<number> {
    const { pid } = await this.#ask({ kind: "start", argv, isGuarded, ownSession }, "started");
    this.#started.add(pid);
    return pid;
  }

  async status(): Promise<Guarded | Unguarded> {
    return (await this.#ask({ kind: "status" }, "status")).status;
  }

  /** Let go of it: it ends when nothing keeps it. */
  async release(): Promise<void> {
    this.child.disconnect();
    await this.#exited;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
    for (const pid of this.#started) if (isRunning(pid)) process.kill(pid, "SIGKILL");
    await until(() => [...this.#started].every((pid) => !isRunning(pid)));
  }

  async #ask<K extends HostReport["kind"]>(order: HostOrder, kind: K): Promise<Extract<HostReport, { kind: K }>> {
    const answer = this.#hear(kind);
    this.child.send(order);
    return await answer;
  }

  async #hear<K extends HostReport["kind"]>(kind: K): Promise<Extract<HostReport, { kind: K }>> {
    for await (const [report] of on(this.child, "message", { signal: AbortSignal.timeout(10_000) })) {
      const isIt = (heard: HostReport): heard is Extract<HostReport, { kind: K }> => heard.kind === kind;
      if (isIt(report)) return report;
    }
    throw new Error("the host is gone");
  }
}

/** False for what is gone and for what is dead but not collected. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
