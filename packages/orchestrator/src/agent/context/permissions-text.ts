import type { AskForApproval, SandboxPolicy } from "@holdfast/app-server-protocol";

/** What a model is told about what it may do. */
export function permissionsText(sandbox: SandboxPolicy, approval: AskForApproval): string {
  const isUnconfined = sandbox.type === "dangerFullAccess" && approval !== "untrusted";
  const lines = [sandboxText(sandbox), ...(isUnconfined ? [] : [approvalText(approval)])];
  return ["<permissions>", ...lines, "</permissions>"].join("\n");
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
