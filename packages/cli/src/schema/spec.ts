import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";

/** `holdfast schema` */
export const SCHEMA_COMMAND: CommandSpec = {
  summary: "compare the schemas of two releases of the app-server",
  synopsis: "diff RELEASE RELEASE [--json]",
  options: { json: JSON_OPTION },
  positionals: ["ACTION", "RELEASE", "RELEASE"],
  details: `
diff tells what the second release has that the first has not, and the other way round: methods, and members, words and forms of the types of methods
that both have, by what a client may send and what it must accept. A line that begins with ! can hurt a client that was made for the first release and
meets a server of the second. Exchange the two for a newer client at an older server.
`,
  load: () => import("./command.ts"),
};
