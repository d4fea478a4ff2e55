// What `sockwarden check` does once its arguments are read.

import { type ConfigurationArguments, testConfiguration } from "../configuration/test-configuration.ts";

export type CheckArguments = ConfigurationArguments;

export function runCheck(given: CheckArguments): void {
  testConfiguration(given);
}
