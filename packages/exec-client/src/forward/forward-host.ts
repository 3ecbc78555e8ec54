import type { PortClose } from "@holdfast/rpc";
import type { Environment } from "../environment.ts";
import type { Processes } from "../processes.ts";
import type { RunOptions, RunResult } from "../run-types.ts";

/** What a forwarding needs of its executor. */
export interface ForwardHost {
  readonly environment: Environment;
  readonly processes: Processes;
  readonly state: string;
  readonly closed: Promise<PortClose>;
  run(argv: readonly string[], options: RunOptions): Promise<RunResult>;
}
