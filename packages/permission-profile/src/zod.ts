export {
  fileSystemAccessModeSchema,
  fileSystemPathSchema,
  fileSystemPermissionsSchema,
  fileSystemSandboxEntrySchema,
  fileSystemSpecialPathSchema,
} from "./parse/file-system-schema.ts";
export {
  fileSystemPolicyContextSchema,
  fileSystemSandboxContextSchema,
  networkSandboxPolicySchema,
  permissionProfileSchema,
} from "./parse/permission-profile-schema.ts";
