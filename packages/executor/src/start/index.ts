export { ProcessStarter, type Started } from "./process-starter.ts";
export type { OwnedStart, StartRequest } from "./start-request.ts";
