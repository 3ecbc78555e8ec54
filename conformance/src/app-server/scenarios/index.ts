import type { AppServerScenario } from "../app-server-scenario.ts";
import {
  absentApproval,
  cancelledApproval,
  commandApproval,
  fileChange,
  mcpTool,
  sessionApproval,
} from "./approvals.ts";
import { examples } from "./examples.ts";
import { execPolicies } from "./exec-policies.ts";
import { history } from "./history.ts";
import { killedAtWork } from "./killed-at-work.ts";
import { commandExec, files } from "./machine.ts";
import { openApproval, twoClients } from "./several-clients.ts";
import { failedTurn, interruptedTurn, killedServer, steeredTurn, streamedTurn } from "./turns.ts";

/** What a person does with an app-server, in the order of a first day with it. */
export const APP_SERVER_SCENARIOS: readonly AppServerScenario[] = [
  streamedTurn,
  commandApproval,
  cancelledApproval,
  absentApproval,
  fileChange,
  mcpTool,
  sessionApproval,
  execPolicies,
  interruptedTurn,
  steeredTurn,
  failedTurn,
  killedServer,
  killedAtWork,
  history,
  openApproval,
  twoClients,
  commandExec,
  files,
  examples,
];
