import type { Child } from "../../src/process/index.ts";

/** A child that does nothing and remembers what was asked of it. */
export class FakeChild implements Child {
  readonly pid = 0;
  kills = 0;
  output: "read" | "paused" | "abandoned" = "read";
  write(_: Buffer, written: () => void): void {
    written();
  }
  pauseOutput(): void {
    this.output = "paused";
  }
  resumeOutput(): void {
    this.output = "read";
  }
  readonly commandPid = undefined;
  signals: string[] = [];
  isInputEnded = false;
  endInput(): void {
    this.isInputEnded = true;
  }
  signal(signal: string): boolean {
    this.signals.push(signal);
    return true;
  }
  kill(): void {
    this.kills += 1;
  }
  abandonOutput(): void {
    this.output = "abandoned";
  }
  handOver = () => ({ kind: "connection", untaken: [0, 0], hasExited: false }) as const;
}
