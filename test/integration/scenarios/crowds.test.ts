// A3, A4, A5, A7, H5: hoards that are spread over sources, or pass for clients.

import { testScenarios } from "./scenario-tests.ts";

await testScenarios(["A3", "A4", "A4-near", "A5", "A5-near", "A7", "H5"]);
