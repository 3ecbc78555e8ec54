/** May the confined command use the network? */
export type NetworkSandboxPolicy = "restricted" | "enabled";
