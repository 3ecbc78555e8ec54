export {
  fileSystemPolicyContextSchema,
  fileSystemSandboxContextSchema,
} from "./file-system-sandbox-context-schema.ts";
export {
  fileSystemAccessModeSchema,
  fileSystemPathSchema,
  fileSystemPermissionsSchema,
  fileSystemSandboxEntrySchema,
  fileSystemSpecialPathSchema,
} from "./file-system-schema.ts";
export { networkSandboxPolicySchema, permissionProfileSchema } from "./permission-profile-schema.ts";
