// A8, A9, A12: floods of packets and of short connections, and attackers that are banned already.

import { testScenarios } from "./scenario-tests.ts";

await testScenarios(["A8", "A9", "A12"]);
