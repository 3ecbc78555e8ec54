import type { LineScenario } from "../line-scenario.ts";
import { browser } from "./browser.ts";
import { cutLine } from "./cut-line.ts";
import { everyTransport } from "./every-transport.ts";
import { flood } from "./flood.ts";
import { killedServer } from "./killed-server.ts";
import { noChildLeft } from "./no-child-left.ts";
import { optIn } from "./opt-in.ts";
import { slowReader } from "./slow-reader.ts";
import { terminal } from "./terminal.ts";
import { token } from "./token.ts";

/** In the order of the run. */
export const LINE_SCENARIOS: readonly LineScenario[] = [
  everyTransport,
  token,
  optIn,
  terminal,
  noChildLeft,
  killedServer,
  cutLine,
  slowReader,
  flood,
  browser,
];
