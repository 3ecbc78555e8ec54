// A program with children of its own that also starts guarded ones. Driven over IPC by host-process.ts.
import { spawn } from "node:child_process";
import { guardianStatus, onGuardianNotice, startGuarded } from "../../src/guardian/index.ts";
import type { HostOrder, HostReport } from "./host-process.ts";

function report(message: HostReport): void {
  process.send?.(message);
}

onGuardianNotice((text) => report({ kind: "notice", text }));
process.on("message", (order: HostOrder) => {
  if (order.kind === "status") {
    report({ kind: "status", status: guardianStatus() });
    return;
  }
  const [program = "", ...args] = order.argv;
  const start = () => spawn(program, args, { stdio: "ignore", detached: order.ownSession });
  const child = order.isGuarded ? startGuarded(start) : start();
  child.unref();
  report({ kind: "started", pid: child.pid ?? 0 });
});
report({ kind: "ready" });
