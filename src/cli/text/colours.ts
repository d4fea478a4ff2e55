// The colours of severities, the same wherever one is shown.

export const SEVERITY_COLOURS = { notice: "cyan", warning: "yellow", critical: "red" } as const;
