import type { CommandSpec } from "../command-line/command-spec.ts";

/** `holdfast proxy` */
export const PROXY_COMMAND: CommandSpec = {
  summary: "join stdin and stdout to this user's executor, which is started if need be",
  synopsis: "",
  options: {
    "idle-timeout": {
      kind: "text",
      value: "SECONDS",
      about: "of an executor that it starts: how long it goes on without a session; default 600",
    },
    "session-ttl": {
      kind: "text",
      value: "SECONDS",
      about: "of an executor that it starts: how long a session waits for its client; default 3600",
    },
    for: { kind: "text", value: "VERSION", about: "refuse a client of another release than goes with this one" },
    build: { kind: "text", value: "NAME", about: "use the executor of this build alone" },
    announce: { kind: "text", value: "WORD", about: "print a line with this word before the first message" },
  },
  positionals: [],
  details: `
For another program that starts this one, on this machine or by way of ssh, docker exec and the like: one JSON message per line on
stdin and stdout, and the executor of this user behind it.

The executor outlives this program. It listens on a socket that only this user can open, goes on with its sessions when a client is
lost, and ends by itself when it has had no session for --idle-timeout. Every release has one of its own. What it has to say is in a
file beside its socket, in ~/.local/state/holdfast/run.

--for, --build and --announce are what ssh:// uses.`,
  load: () => import("./command.ts"),
};
