// The sysctls that are read whatever the files say.

import { SETTING_KEYS } from "../../settings/index.ts";

export const DOCTOR_KEYS: readonly string[] = [
  ...SETTING_KEYS,
  "fs.file-nr",
  "net.netfilter.nf_conntrack_count",
  "user.max_net_namespaces",
  "user.max_user_namespaces",
  "kernel.unprivileged_userns_clone",
  "kernel.apparmor_restrict_unprivileged_userns",
];
