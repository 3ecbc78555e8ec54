import type { McpServerElicitationRequestParams } from "@holdfast/app-server-protocol";

/** A question of a server to whoever sits in front of a client; the thread and the turn are added by who asks it. */
export type McpQuestion = WithoutThread<McpServerElicitationRequestParams>;
type WithoutThread<Params> = Params extends unknown ? Omit<Params, "threadId" | "turnId"> : never;
