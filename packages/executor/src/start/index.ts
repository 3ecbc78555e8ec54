export { ProcessStarter, type Started, type StartOwner } from "./process-starter.ts";
export type { StartRequest } from "./start-request.ts";
