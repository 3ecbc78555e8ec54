import type { ServicePlan } from "./service-plan.ts";
import { execLine, unitPath, unitWord } from "./systemd-text.ts";

/** The first line of what may be replaced and removed. */
export const MADE_BY =
  "# Made by `holdfast service install`, which replaces it. Changes of your own belong into a drop-in:";

/** A file of a service manager. */
export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

/** The units of a service: the socket, where there is one, last. */
export function systemdUnits(plan: ServicePlan): readonly UnitFile[] {
  const service = { name: `${plan.name}.service`, text: serviceUnit(plan) };
  return plan.socket === undefined
    ? [service]
    : [service, { name: `${plan.name}.socket`, text: socketUnit(plan, plan.socket) }];
}

/** What has to be enabled. */
export function enabledUnit({ name, socket }: ServicePlan): string {
  return socket === undefined ? `${name}.service` : `${name}.socket`;
}

function serviceUnit({ canNotify, name, options, path, program, scope, socket, user }: ServicePlan): string {
  const own = scope === "user" ? "--user " : "";
  return unit(`${MADE_BY} systemctl ${own}edit ${name}.service`, {
    Unit: [
      "Description=Holdfast executor: runs commands for its clients",
      ...(scope === "system" ? ["Wants=network-online.target", "After=network-online.target"] : []),
      ...(socket === undefined ? [] : [`Requires=${name}.socket`, `After=${name}.socket`]),
    ],
    Service: [
      "# Ready when it listens; a reload reads secrets, certificates and the log's level anew.",
      ...(canNotify ? ["Type=notify", "NotifyAccess=main", "WatchdogSec=60"] : ["Type=exec"]),
      `ExecStart=${execLine([...program, "serve", ...options])}`,
      "ExecReload=/bin/kill -HUP $MAINPID",
      "Restart=on-failure",
      "RestartSec=2",
      ...(user === undefined ? [] : [`User=${unitPath(user)}`]),
      "WorkingDirectory=~",
      ...(path === undefined ? [] : [`Environment=${unitWord(`PATH=${path}`)}`]),
      "",
      "# The executor ends its commands itself. What is left after that is killed.",
      "KillMode=mixed",
      "TimeoutStopSec=30",
      "# A command that the kernel ends for want of memory is its own affair.",
      "OOMPolicy=continue",
      "",
      "# As far as an executor that confines commands can be restricted: it needs new namespaces, mounts and a /proc of its own.",
      "NoNewPrivileges=yes",
      "RestrictRealtime=yes",
      "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
      "SystemCallFilter=~@clock @module @raw-io @reboot @swap",
      "SystemCallErrorNumber=EPERM",
      ...(scope === "system" && user !== "root" ? ["CapabilityBoundingSet=", "AmbientCapabilities="] : []),
    ],
    Install: [`WantedBy=${scope === "user" ? "default.target" : "multi-user.target"}`],
  });
}

function socketUnit(
  { name, scope, user }: ServicePlan,
  { isPath, listenStream }: NonNullable<ServicePlan["socket"]>,
): string {
  const own = scope === "user" ? "--user " : "";
  return unit(`${MADE_BY} systemctl ${own}edit ${name}.socket`, {
    Unit: ["Description=Where clients of the Holdfast executor connect"],
    Socket: [
      `ListenStream=${listenStream}`,
      // The folder of a service of the machine is root's, and the user of the service has to get through.
      ...(isPath
        ? ["SocketMode=0600", `DirectoryMode=${scope === "user" ? "0700" : "0755"}`, "RemoveOnStop=yes"]
        : ["NoDelay=yes"]),
      ...(isPath && user !== undefined ? [`SocketUser=${unitPath(user)}`] : []),
    ],
    Install: ["WantedBy=sockets.target"],
  });
}

function unit(head: string, sections: Readonly<Record<string, readonly string[]>>): string {
  const texts = Object.entries(sections).map(([name, lines]) => `[${name}]\n${lines.join("\n")}\n`);
  return `${head}\n${texts.join("\n")}`;
}
