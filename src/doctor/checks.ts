// All checks, in the order in which they are listed.

import type { Check } from "./check.ts";
import { ACCEPTING } from "./checks/accepting.ts";
import { DESCRIPTORS } from "./checks/descriptors.ts";
import { ENDING } from "./checks/ending.ts";
import { HOLDING } from "./checks/holding.ts";
import { HOST_CHECKS } from "./checks/host.ts";
import { MEMORY_CHECKS } from "./checks/memory.ts";
import { PROGRAMS } from "./checks/programs.ts";
import { SYSCTL_FILES } from "./checks/sysctl-files.ts";
import { SYSCTL_VALUES } from "./checks/sysctl-values.ts";

export const CHECKS: readonly Check[] = [
  ...DESCRIPTORS,
  ...ACCEPTING,
  ...HOLDING,
  ...ENDING,
  ...MEMORY_CHECKS,
  ...PROGRAMS,
  ...SYSCTL_FILES,
  ...SYSCTL_VALUES,
  ...HOST_CHECKS,
];
