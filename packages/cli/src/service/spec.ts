import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";

/** `holdfast service` */
export const SERVICE_COMMAND: CommandSpec = {
  summary: "leave an executor running, under systemd",
  synopsis: "install|uninstall|status|logs [OPTION]… [-- SERVE_OPTION…]",
  options: {
    name: { kind: "text", value: "NAME", about: "how the service is called; default holdfast" },
    config: { kind: "text", value: "FILE", about: "install: the configuration file of serve" },
    socket: {
      kind: "text",
      value: "URL",
      about:
        "install: listen here before the service runs, and start it at the first connection: ws://HOST:PORT or unix://PATH",
    },
    system: { kind: "switch", about: "a service of the machine instead of yours; install it with --as" },
    as: { kind: "text", value: "USER", about: "install: whom a service of the machine runs commands as" },
    print: { kind: "switch", about: "install: write what would be installed to stdout, and change nothing" },
    follow: { kind: "switch", short: "f", about: "logs: stay, and print what comes" },
    lines: { kind: "text", short: "n", value: "COUNT", about: "logs: how many to begin with; default 100" },
    json: { ...JSON_OPTION, about: "status: print JSON" },
  },
  positionals: ["ACTION"],
  takesCommand: "optional",
  details: `
install writes a unit for the service manager of your session (systemctl --user), enables and starts it. Without --config and
options after -- it serves on unix:// and logs at level info. uninstall ends it and takes the unit away; logs are those of the journal.
Services of yours end when you log out, unless loginctl enable-linger says otherwise.

What is not made by this command is neither replaced nor removed. Changes of your own belong into a drop-in: systemctl --user edit NAME.
On macOS, --print writes what launchd needs.`,
  load: () => import("./command.ts"),
};
