export { type AppServer, type AppServerOptions, createAppServer } from "./create-app-server.ts";
export type { HostLog } from "./host-services.ts";
