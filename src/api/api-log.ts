// Where the API writes what it was asked for and what went wrong.

/** The two levels that the routes need; pino fits. */
export interface ApiLog {
  info(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
