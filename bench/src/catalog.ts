import { fullWindowsMemory } from "./curves/full-windows.ts";
import { callsBesideIdle, callsByConnections, callsByProcesses, noticesByProcesses } from "./curves/growth.ts";
import { readSizes, stdoutSizes, writeSizes } from "./curves/sizes.ts";
import type { Curve, Row } from "./row.ts";
import { agentCommand } from "./rows/agent-command.ts";
import { clientFetch, clientReadStream, clientRun } from "./rows/client-side.ts";
import { readBlock, readFile } from "./rows/file-reads.ts";
import { writeFile16, writeFile16OneFrame, writeFile64 } from "./rows/file-writes.ts";
import { idleMemory, startUp } from "./rows/footprint.ts";
import { httpStream } from "./rows/http.ts";
import { firstRun, importCpu, importMemory } from "./rows/imports.ts";
import { metadata } from "./rows/metadata.ts";
import { oneShot, oneShotFarAway } from "./rows/one-shot.ts";
import { pipelinedStarts } from "./rows/pipelined-starts.ts";
import { slowReaderMemory, stuckReaderMemory } from "./rows/reader-memory.ts";
import { sandboxedRead } from "./rows/sandboxed-read.ts";
import { sandboxedStart } from "./rows/sandboxed-start.ts";
import { echoBesideSlowReader } from "./rows/slow-reader.ts";
import { startsPerSecond } from "./rows/starts-per-second.ts";
import { stdin } from "./rows/stdin.ts";
import { stdout } from "./rows/stdout.ts";
import { echoBesideFlood, echoBesideSaturation, terminalEcho } from "./rows/terminal-echo.ts";
import { walkShare } from "./rows/walk.ts";

/** Every row, in the order of the table. */
export const ROWS: readonly Row[] = [
  oneShot,
  oneShotFarAway,
  startsPerSecond,
  pipelinedStarts,
  sandboxedStart,
  sandboxedRead,
  terminalEcho,
  echoBesideFlood,
  echoBesideSaturation,
  echoBesideSlowReader,
  stdout,
  stdin,
  readBlock,
  readFile,
  writeFile16,
  writeFile16OneFrame,
  writeFile64,
  metadata,
  walkShare,
  httpStream,
  idleMemory,
  startUp,
  clientRun,
  agentCommand,
  clientReadStream,
  clientFetch,
  importCpu,
  importMemory,
  firstRun,
  slowReaderMemory,
  stuckReaderMemory,
];

/** Every curve. */
export const CURVES: readonly Curve[] = [
  readSizes,
  stdoutSizes,
  writeSizes,
  callsByProcesses,
  noticesByProcesses,
  callsByConnections,
  callsBesideIdle,
  fullWindowsMemory,
];
