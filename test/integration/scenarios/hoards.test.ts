// A1, A2, A6, A10, A11: one source, or a few, that hoard.

import { testScenarios } from "./scenario-tests.ts";

await testScenarios(["A1", "A1-mqtt", "A2", "A6", "A10", "A11"]);
