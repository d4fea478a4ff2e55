// All checks, in the order in which they are listed.

import type { DoctorCheck } from "./check.ts";
import { ACCEPTING_CHECKS } from "./checks/accepting.ts";
import { DESCRIPTOR_CHECKS } from "./checks/descriptors.ts";
import { ENDING_CHECKS } from "./checks/ending.ts";
import { HOLDING_CHECKS } from "./checks/holding.ts";
import { HOST_CHECKS } from "./checks/host.ts";
import { MEMORY_CHECKS } from "./checks/memory.ts";
import { PROGRAM_CHECKS } from "./checks/programs.ts";
import { SYSCTL_FILE_CHECKS } from "./checks/sysctl-files.ts";
import { SYSCTL_VALUE_CHECKS } from "./checks/sysctl-values.ts";

export const DOCTOR_CHECKS: readonly DoctorCheck[] = [
  ...DESCRIPTOR_CHECKS,
  ...ACCEPTING_CHECKS,
  ...HOLDING_CHECKS,
  ...ENDING_CHECKS,
  ...MEMORY_CHECKS,
  ...PROGRAM_CHECKS,
  ...SYSCTL_FILE_CHECKS,
  ...SYSCTL_VALUE_CHECKS,
  ...HOST_CHECKS,
];
