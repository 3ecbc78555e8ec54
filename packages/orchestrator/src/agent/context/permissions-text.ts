import type { AskForApproval, SandboxPolicy } from "@holdfast/app-server-protocol";
import type { ThreadProfile } from "../../permissions/thread-profile.ts";
import { isRecord } from "../../steps/is-record.ts";
import { threadProfileRecord } from "../rollout/profile-record.ts";
import type { TurnSettings } from "../turn/thread-runtime.ts";

type PermissionSettings = Pick<TurnSettings, "sandboxPolicy" | "profile" | "approvalPolicy">;

/** What a model is told about what it may do. */
export function permissionsText({ sandboxPolicy, profile, approvalPolicy }: PermissionSettings): string {
  const isUnconfined =
    profile === undefined && sandboxPolicy.type === "dangerFullAccess" && approvalPolicy !== "untrusted";
  const lines = [
    profile === undefined ? sandboxText(sandboxPolicy) : profileText(profile, sandboxPolicy),
    ...(isUnconfined ? [] : [approvalText(approvalPolicy)]),
  ];
  return ["<permissions>", ...lines, "</permissions>"].join("\n");
}

/** A profile in the words of files: what each of its paths grants, the more exact ones before the others. */
function profileText(profile: ThreadProfile, sandboxPolicy: SandboxPolicy): string {
  const record = threadProfileRecord(profile, undefined);
  const { entries = [] } = isRecord(record.file_system) ? record.file_system : {};
  const lines = Array.isArray(entries) ? entries.filter(isRecord).map(entryLine) : [];
  const network = "networkAccess" in sandboxPolicy && sandboxPolicy.networkAccess === true;
  return [
    `Commands and patches run in a sandbox that grants this alone; what a longer path says counts before what a shorter one does. ${networkText(network)}`,
    ...lines,
    "What is denied stays so, also where the user approves of more.",
  ].join("\n");
}

function entryLine({ path, access }: Readonly<Record<string, unknown>>): string {
  const { type, path: literal, pattern, value } = isRecord(path) ? path : {};
  const { kind, subpath, path: unknown } = isRecord(value) ? value : {};
  const place =
    type === "special"
      ? `:${kind}${unknown ? ` ${unknown}` : ""}${subpath ? `/${subpath}` : ""}`
      : (literal ?? pattern);
  return `- ${access}: ${place}`;
}

function sandboxText(policy: SandboxPolicy): string {
  switch (policy.type) {
    case "dangerFullAccess":
      return "Commands and patches are not confined: they may read and write every file, and have the network.";
    case "externalSandbox":
      return "Commands and patches are confined by something outside of this program.";
    case "workspaceWrite": {
      const { writableRoots = [], networkAccess } = policy as Extract<SandboxPolicy, { type: "workspaceWrite" }>;
      const also = writableRoots.length === 0 ? "" : `, and in ${writableRoots.map(String).join(", ")}`;
      return `Commands and patches run in a sandbox: they may read every file, and write in the working folder and temporary folders${also}. ${networkText(networkAccess === true)}`;
    }
    default:
      return `Commands and patches run in a sandbox: they may read every file, and write none. ${networkText("networkAccess" in policy && policy.networkAccess === true)}`;
  }
}

function networkText(isOn: boolean): string {
  return isOn ? "They have the network." : "They have no network.";
}

function approvalText(policy: AskForApproval): string {
  if (policy === "never") return "Nobody can be asked for more: work within that.";
  if (policy === "untrusted") return "The user is asked before each command.";
  if (policy === "on-request") {
    return "Where a command has to go beyond the sandbox, ask for it by sandbox_permissions `require_escalated` with a justification: the user is asked then.";
  }
  return "The user may be asked when the sandbox refuses something.";
}
