import type { HoldfastTerminalSize } from "@holdfast/exec-server-protocol";
import type { TerminalSize } from "../process/index.ts";
import { invalidParams } from "./faults.ts";

/** @throws RpcFault −32602 for a size that no terminal has. */
export function terminalSize({ rows, columns }: HoldfastTerminalSize): TerminalSize {
  if (rows > 0 && columns > 0) return { rows, columns };
  throw invalidParams(`a terminal has from 1 to 65535 rows and columns, not ${rows} and ${columns}`);
}
